from __future__ import annotations

import dataclasses

import pytest
from pydantic import ValidationError

from pronoia.config.config import usable_processors
from pronoia.config.load import parse


def test_a_configuration_never_changes() -> None:
    config = parse("", "t")
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.source = "other"
    with pytest.raises(ValidationError):
        config.settings.forecast.level = 0.5


def test_there_is_always_a_processor_to_use() -> None:
    assert usable_processors() >= 1
