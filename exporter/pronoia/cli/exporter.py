"""The whole exporter: what runs, and the HTTP surface on top of it."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from pronoia.config.redact import redacted
from pronoia.errors import PronoiaError
from pronoia.exposition.log_counter import LogCounter
from pronoia.exposition.telemetry import Telemetry
from pronoia.pipeline.application import Application
from pronoia.threads import compute_on_one_thread
from pronoia.web.app import create_app
from pronoia.web.server import WebServer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Self

    from pronoia.config.config import Config
    from pronoia.web.listen import ListenAddress
    from pronoia.web.web_config import WebConfigFile

_log = logging.getLogger(__name__)


class Exporter:
    """Runs from entering the context until leaving it.

    Args:
        load: reads the configuration; called at the start and at each reload.
        addresses: where to serve.
        web_config: TLS and users.
        state_directory: where state is kept; taken from the configuration if not given.
        keeps_state: false forgets everything at the end.

    Raises:
        ConfigError: if the configuration is wrong or an address cannot be bound.
        StateError: if the state directory cannot be used.
    """

    def __init__(
        self,
        load: Callable[[], Config],
        addresses: Sequence[ListenAddress],
        web_config: WebConfigFile | None = None,
        state_directory: Path | None = None,
        *,
        keeps_state: bool = True,
    ) -> None:
        # Rounds of several queries compute beside each other, and beside workers.
        compute_on_one_thread()
        self._load = load
        self._config = load()
        _tell_warnings(self._config)
        self.telemetry = Telemetry()
        self._log_counter = LogCounter(self.telemetry.on_log_message)
        directory = (state_directory or self._config.storage_path) if keeps_state else None
        self.application = Application(self._config, self.telemetry, directory)
        self._reloading = threading.Lock()
        self._is_stopping = False
        app = create_app(
            self.application.holder,
            self.telemetry,
            reload=self.reload,
            config_text=lambda: redacted(self._config),
            is_stopping=lambda: self._is_stopping,
            bridge=self.application.bridge,
        )
        self._server = WebServer(app, addresses, web_config)

    def __enter__(self) -> Self:
        logging.getLogger("pronoia").addHandler(self._log_counter)
        self._server.start()
        self.telemetry.on_reload(success=True, at_seconds=time.time())
        self.application.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_stopping = True
        _log.info("stopping")
        self.application.__exit__()
        self._server.stop()
        _log.info("stopped")
        logging.getLogger("pronoia").removeHandler(self._log_counter)

    @property
    def urls(self) -> tuple[str, ...]:
        """Where it is served."""
        return self._server.urls

    def reload(self) -> None:
        """Read the configuration anew and take it up; a bad one changes nothing.

        Raises:
            PronoiaError: what is wrong with it.
        """
        with self._reloading:
            try:
                config = self._load()
                self.application.apply(config)
            except PronoiaError as error:
                self.telemetry.on_reload(success=False, at_seconds=time.time())
                _log.error("the configuration was not reloaded, the old one keeps running: %s", error)
                raise
            self._config = config
            self.telemetry.on_reload(success=True, at_seconds=time.time())
            _tell_warnings(config)
            _log.info("configuration reloaded")


def _tell_warnings(config: Config) -> None:
    for warning in config.warnings:
        _log.warning("%s: %s", config.source, warning)
    for note in config.notes:
        _log.info("%s: %s", config.source, note)
