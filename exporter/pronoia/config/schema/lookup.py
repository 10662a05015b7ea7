"""Finding one's way in the schema: which section a path lies in, and where a key would belong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pronoia.config.schema.section import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pronoia.config.document import Path


def section_at(root: type[Section], path: Path) -> type[Section] | None:
    """The section that a path leads to, or None if it leads elsewhere.

    >>> from pronoia.config.schema.settings import Settings
    >>> section_at(Settings, ("upstreams", 0, "tls_config")).__name__
    'TlsConfig'
    """
    section: type[Section] | None = root
    for part in path:
        if section is None:
            return None
        if isinstance(part, int):
            continue
        if part in section.model_fields:
            section, named = _section_of(section.model_fields[part].annotation)
            if named:
                # A mapping by name: the next part is the name, which leads to the same section.
                return _after_name(section, path[path.index(part) + 1 :])
        else:
            return None
    return section


def places(root: type[Section], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every key of the schema with the place it stands in: `("horizon", "forecast")`."""
    for key, field in root.model_fields.items():
        yield key, prefix
        section, named = _section_of(field.annotation)
        if section is not None:
            entry = f"{prefix}.{key}" if prefix else key
            yield from places(section, f"{entry}.*" if named else f"{entry}[]" if _is_list(field.annotation) else entry)


def _after_name(section: type[Section] | None, path: Path) -> type[Section] | None:
    return section_at(section, path[1:]) if section is not None and path else None


def _section_of(annotation: Any) -> tuple[type[Section] | None, bool]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation, False
    arguments = get_args(annotation)
    named = getattr(annotation, "__origin__", None) is dict
    for argument in arguments:
        section, _ = _section_of(argument)
        if section is not None:
            return section, named
    return None, False


def _is_list(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is tuple
