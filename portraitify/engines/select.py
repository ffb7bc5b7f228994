"""Which engine serves: torch for GPUs, ONNX Runtime for CPUs."""

from __future__ import annotations

import platform
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from portraitify.config import AUTO, PaintConfig
from portraitify.engines.base import Engine
from portraitify.errors import DeviceError
from portraitify.extras import install_hint, missing_modules
from portraitify.weights import WeightsFolder


def open_engine(weights: WeightsFolder, config: PaintConfig) -> Engine:
    """The engine that the options ask for, or the one that suits this machine.

    Args:
        weights: checked files.
        config: its ``engine`` and ``device`` count.

    Raises:
        DeviceError: engine or device cannot be used here.
        WeightsError: a file is missing or wrong.
    """
    if choose_engine(weights, config) == "onnx":
        if not has_onnxruntime():
            raise DeviceError("onnxruntime is not installed. Run `pip install onnxruntime`, or use --engine torch.")
        from portraitify.engines.onnx_engine import OnnxEngine

        return OnnxEngine(weights)
    missing = missing_modules("gpu")
    if missing:
        raise DeviceError(f"Painting with torch needs {', '.join(missing)}. Run: {install_hint('gpu')}")
    from portraitify.engines.torch_engine import TorchEngine

    return TorchEngine(weights, config.device)


def choose_engine(weights: WeightsFolder, config: PaintConfig) -> str:
    """``torch`` or ``onnx``; imports torch only where there seems to be a GPU."""
    if config.engine != AUTO:
        return config.engine
    if config.device not in (AUTO, "cpu") or not weights.has_graphs or not has_onnxruntime():
        return "torch"
    if config.device == AUTO and gpu_seems_present():
        from portraitify.devices import resolve_device

        return "onnx" if resolve_device(AUTO) == "cpu" else "torch"
    return "onnx"


def gpu_is_idle(config: PaintConfig) -> bool:
    """Whether a GPU would paint if the extra ``gpu`` were installed; a guess, from a few file names.

    Args:
        config: its ``engine`` and ``device`` count.
    """
    left_open = config.engine == AUTO and config.device == AUTO
    return left_open and bool(missing_modules("gpu")) and gpu_seems_present()


def has_onnxruntime() -> bool:
    """Whether ONNX Runtime is installed."""
    return find_spec("onnxruntime") is not None


def gpu_seems_present() -> bool:
    """Whether there are signs of a GPU that torch might use, found in a few file names."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    # NVIDIA on Linux, AMD on Linux, either on Windows' Linux, NVIDIA on Windows.
    devices = any(Path("/dev").glob("nvidia[0-9]*")) or Path("/dev/kfd").exists() or Path("/dev/dxg").exists()
    return devices or shutil.which("nvidia-smi") is not None
