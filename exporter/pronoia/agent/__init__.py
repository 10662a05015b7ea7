"""What a Python agent imports to be measured: the metrics of the `agents` preset, with prometheus_client.

Nothing else of Pronoia is loaded, and nothing beyond prometheus_client and the standard library.
"""

from pronoia.agent.metrics import AgentMetrics
from pronoia.agent.serving import MetricsServer
from pronoia.agent.task import Task

__all__ = ["AgentMetrics", "MetricsServer", "Task"]
