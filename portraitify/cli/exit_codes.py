"""From errors to exit codes."""

from __future__ import annotations

from portraitify.errors import (
    ConfigError,
    DeviceError,
    FaceError,
    ImageError,
    PortraitifyError,
    WeightsError,
)

DONE, UNEXPECTED, USAGE, IMAGE, FACE, WEIGHTS, DEVICE, SOME_FAILED = range(8)
# As shells count: 128 and the number of the signal; Ctrl-C is signal 2.
SIGNALLED = 128
INTERRUPTED = SIGNALLED + 2

_CODES: tuple[tuple[type[PortraitifyError], int], ...] = (
    (ConfigError, USAGE),
    (ImageError, IMAGE),
    (FaceError, FACE),
    (WeightsError, WEIGHTS),
    (DeviceError, DEVICE),
)


def exit_code(error: BaseException) -> int:
    """Exit code for an error; ``UNEXPECTED`` for what portraitify did not raise on purpose."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), UNEXPECTED)
