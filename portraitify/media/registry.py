"""Which media there are. Light: a medium is imported when it is first used.

Adding one is one file that defines a :class:`portraitify.media.base.Medium`, and one call of :func:`register_medium`.
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING

from portraitify.errors import ConfigError
from portraitify.media.shares import is_mix, parse_mix

if TYPE_CHECKING:
    from portraitify.media.base import Medium

_registered: dict[str, Medium | str] = {}


def register_medium(name: str, medium: Medium | str) -> None:
    """Make a medium known under a name, which becomes a value of ``--style``.

    Args:
        name: small letters, digits, ``-`` and ``_``.
        medium: the medium, or the module whose ``MEDIUM`` it is.

    Raises:
        ConfigError: the name is taken.
    """
    if name in _registered:
        raise ConfigError(f"{name}: a medium of that name is registered already. Choose another name.")
    _registered[name] = medium


def medium_names() -> tuple[str, ...]:
    """All media, in the order in which they were registered."""
    return tuple(_registered)


def medium_of(style: str) -> Medium:
    """The medium of a style, or of a mixture such as ``oil:0.6,ink:0.4``.

    Raises:
        ConfigError: there is no such style, or the mixture makes no sense.
    """
    if is_mix(style):
        return _blended(style)
    try:
        found = _registered[style]
    except KeyError as error:
        raise ConfigError(f"{style!r} is no style; choose one of {', '.join(_registered)}.") from error
    if isinstance(found, str):
        medium: Medium = importlib.import_module(found).MEDIUM
        _registered[style] = found = medium
    return found


@functools.cache
def _blended(style: str) -> Medium:
    medium: Medium = importlib.import_module("portraitify.media.blending").blended(
        [(medium_of(name), share) for name, share in parse_mix(style)]
    )
    return medium


# In the order of the classifier's outputs, and of all that training counts by style.
register_medium("renaissance", "portraitify.media.renaissance")
register_medium("oil", "portraitify.media.oil")
register_medium("watercolor", "portraitify.media.watercolor")
register_medium("ink", "portraitify.media.ink")
# The styles that the networks know; a medium that is registered later borrows the codes of one of them.
STYLES = medium_names()
