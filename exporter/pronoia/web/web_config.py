"""Reading `--web.config.file`, again whenever it changes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pronoia.config.document import read_document, show_path
from pronoia.config.wording import complaints
from pronoia.errors import ConfigError, ConfigProblem
from pronoia.transport.file_mark import file_mark
from pronoia.web.web_config_schema import WebSettings

if TYPE_CHECKING:
    from pathlib import Path


class WebConfigFile:
    """The web configuration as its file says now.

    Args:
        path: the file; relative paths in it are relative to its folder.

    Raises:
        ConfigError: if the file cannot be used at the start; all problems are named.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        # The mark is taken first: a file that changes while it is read is read again.
        self._mark = file_mark(path)
        self._settings = _load(path)
        self.current()

    def current(self) -> WebSettings:
        """The settings, read anew if the file has changed since the last call.

        Raises:
            ConfigError: if it cannot be used as it stands now; until it can, nobody is let in.
        """
        mark = file_mark(self.path)
        with self._lock:
            if mark != self._mark:
                self._settings, self._mark = _load(self.path), mark
            settings = self._settings
        if isinstance(settings, ConfigError):
            raise ConfigError(settings.problems, settings.source)
        return settings


def _load(path: Path) -> WebSettings | ConfigError:
    source = str(path)
    try:
        document = read_document(path.read_text(encoding="utf-8"), source)
        settings = WebSettings.model_validate(document.tree)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        return ConfigError([ConfigProblem("", f"cannot be read: {reason}")], source)
    except ValidationError as error:
        found = complaints(error, WebSettings)
        problems = [ConfigProblem(show_path(each.path), each.problem, document.line_of(each.path)) for each in found]
        return ConfigError([*document.problems, *problems], source)
    except ConfigError as error:
        return error
    return ConfigError(document.problems, source) if document.problems else settings
