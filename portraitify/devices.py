"""Which device the networks run on."""

from __future__ import annotations

from portraitify.errors import DeviceError
from portraitify.extras import install_hint, missing_modules

DEVICES = ("auto", "cpu", "cuda", "mps")


def resolve_device(name: str) -> str:
    """Turn ``auto`` into the best device here and check any other; without torch there is only the CPU.

    Args:
        name: one of ``DEVICES``.

    Returns:
        ``cpu``, ``cuda`` or ``mps``.

    Raises:
        DeviceError: the device is unknown or not usable here.
    """
    if name not in DEVICES:
        raise DeviceError(f"{name}: unknown device. Choose one of {', '.join(DEVICES)}.")
    missing = missing_modules("gpu")
    if missing:
        if name in ("auto", "cpu"):
            return "cpu"
        raise DeviceError(f"{name}: needs {', '.join(missing)}. Run: {install_hint('gpu')}")
    import torch

    usable = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if usable[device])
    if not usable[name]:
        raise DeviceError(f"{name}: not usable here. Use --device cpu or --device auto.")
    return name
