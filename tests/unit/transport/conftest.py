"""Sessions whose backoff is recorded instead of slept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from pronoia.transport.session import UpstreamSession


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def make_session(recorder: Recorder) -> Callable[..., UpstreamSession]:
    return recorder.session
