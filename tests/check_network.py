"""Paint a folder under a trace of system calls, and fail where a socket is opened that leaves the machine.

``make offline`` runs it. It needs Linux and strace; libraries that reach for the network do so from C,
which no test from inside of Python sees.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ASTRONAUT = Path(__file__).resolve().parent.parent / "examples" / "astronaut.jpg"
# Long enough for what reports in the background: onnxruntime 1.32 did so after three seconds.
_PHOTOS = 12
_OUTSIDE = re.compile(r"socket\(AF_(?!UNIX)|sa_family=AF_(?!UNIX)")


def main() -> int:
    """Trace one batch; the exit code is 1 where something reached out or was left in the home folder."""
    if not shutil.which("strace"):
        print("strace is not installed: apt-get install strace", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        photos, home, trace = (Path(folder, name) for name in ("photos", "home", "trace.txt"))
        photos.mkdir()
        home.mkdir()
        for number in range(_PHOTOS):
            shutil.copy(ASTRONAUT, photos / f"{number}.jpg")
        traced = ["strace", "-f", "-e", "trace=socket,connect,sendto", "-o", trace]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        environment["HOME"] = str(home)
        painting = [sys.executable, "-m", "portraitify", photos, "-o", Path(folder, "out"), "-q"]
        subprocess.run([*traced, *painting], env=environment, check=True)
        reached = [line for line in trace.read_text().splitlines() if _OUTSIDE.search(line)]
        left = sorted(str(path.relative_to(home)) for path in home.rglob("*"))
    for line in reached:
        print(f"reached out: {line}", file=sys.stderr)
    for name in left:
        print(f"left in the home folder: {name}", file=sys.stderr)
    if not reached and not left:
        print(f"{_PHOTOS} photos painted: no socket opened, nothing left in the home folder")
    return 1 if reached or left else 0


if __name__ == "__main__":
    sys.exit(main())
