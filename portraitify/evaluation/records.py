"""Values as they are written to JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def plain(value: Any, digits: int) -> Any:
    """Round what is inside mappings and sequences.

    Args:
        value: of mappings, lists, tuples and what JSON knows.
        digits: behind the point.

    Returns:
        Of dictionaries and lists; numbers that are not finite become None.
    """
    if isinstance(value, float):
        return round(value, digits) if math.isfinite(value) else None
    if isinstance(value, (list, tuple)):
        return [plain(item, digits) for item in value]
    return plain_mapping(value, digits) if isinstance(value, Mapping) else value


def plain_mapping(values: Mapping[str, Any], digits: int) -> dict[str, Any]:
    """The same of a mapping; see :func:`plain`."""
    return {key: plain(item, digits) for key, item in values.items()}
