"""The whole file."""

from typing import ClassVar

from pronoia.config.schema.alert_bridge import AlertBridge
from pronoia.config.schema.anomaly import Anomaly
from pronoia.config.schema.bottleneck import Bottleneck
from pronoia.config.schema.event import Event
from pronoia.config.schema.failure import Failure
from pronoia.config.schema.fields import AutoCount, Distinct, NonEmpty, Text
from pronoia.config.schema.forecast import Forecast
from pronoia.config.schema.guide.alerts import Alerts
from pronoia.config.schema.guide.collectors import Collector
from pronoia.config.schema.guide.features import FeatureEngineering
from pronoia.config.schema.guide.predictor import PerformancePredictor
from pronoia.config.schema.limits import Limits
from pronoia.config.schema.query import Query
from pronoia.config.schema.section import Section
from pronoia.config.schema.storage import Storage
from pronoia.config.schema.upstream import Upstream


class Settings(Section):
    """The configuration file: every key has a default that works on a Prometheus on this machine."""

    elsewhere: ClassVar[dict[str, str]] = {
        "remote_read": "write upstreams: [{url: ...}]",
        "prometheus": "write upstreams: [{url: ...}]",
        "global": "there is no global section; intervals belong under forecast",
        "web": "where to listen and TLS are flags: --web.listen-address and --web.config.file",
        "log": "logging is set by flags: --log.level and --log.format",
    }

    upstreams: NonEmpty[Upstream] = (Upstream(),)
    """Servers to read from; the first is the one that queries use unless they name another."""
    forecast: Forecast = Forecast()
    """How far, how often and how sure."""
    presets: Distinct[Text] | None = None
    """Ready-made queries: node-exporter. Without this key: node-exporter if there are no queries, else none."""
    queries: tuple[Query, ...] = ()
    """What is forecast. A query of the same name replaces a preset's."""
    events: tuple[Event, ...] = ()
    """What is known beforehand to move metrics: jobs, sales, deployments."""
    bottleneck: Bottleneck = Bottleneck()
    """Which resources may run out, and when they count as overloaded."""
    anomaly: Anomaly = Anomaly()
    """What is watched for the unusual."""
    failure: Failure = Failure()
    """What will break: signals on their way to limits."""
    limits: Limits = Limits()
    """How much is forecast and exposed."""
    workers: AutoCount = "auto"
    """Processes that fit models. auto: as many as there are processors to use."""
    storage: Storage = Storage()
    """Where state is kept."""
    performance_predictor: PerformancePredictor | None = None
    """The guide's models."""
    feature_engineering: FeatureEngineering | None = None
    """The guide's windows, aggregations and derived features."""
    alerts: Alerts | None = None
    """The guide's channels and alert rules."""
    alert_bridge: AlertBridge = AlertBridge()
    """What becomes of alerts."""
    collectors: tuple[Collector, ...] = ()
    """The guide's groups of metrics."""
