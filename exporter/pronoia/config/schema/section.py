"""What every section of the configuration has in common."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    """One mapping of the configuration: frozen, without unknown keys, and documented key by key."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)

    #: Keys that people may expect here, and what is right instead.
    elsewhere: ClassVar[dict[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _empty_means_default(cls, value: Any) -> Any:
        # "key:" with nothing after it is null in YAML; people mean the default.
        if not isinstance(value, dict):
            return value
        return {key: entry for key, entry in value.items() if entry is not None or key not in cls.model_fields}
