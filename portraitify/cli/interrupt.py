"""Ctrl-C and polite requests to end, remembered so that what is under way becomes whole."""

from __future__ import annotations

import contextlib
import signal
from types import FrameType, TracebackType

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_HANGUP = getattr(signal, "SIGHUP", None)


class Interrupt:
    """While it is entered, the first signal is remembered and the second one raises ``KeyboardInterrupt``.

    Attributes:
        number: of the signal that came, or 0.
    """

    def __init__(self) -> None:
        self.number = 0

    def __enter__(self) -> Interrupt:
        self._old = {}
        # Only the main thread may set handlers; elsewhere signals do what they did.
        with contextlib.suppress(ValueError):
            for number in _SIGNALS:
                if number == _HANGUP and signal.getsignal(number) is signal.SIG_IGN:
                    # Somebody asked, with nohup, to go on when the terminal is closed.
                    continue
                self._old[number] = signal.signal(number, self._remember)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, old in self._old.items():
            signal.signal(number, old)

    def is_set(self) -> bool:
        """Whether a signal came."""
        return self.number != 0

    def _remember(self, number: int, frame: FrameType | None) -> None:
        if self.number:
            raise KeyboardInterrupt
        self.number = number
