"""What libtiff says by itself, kept from the terminal."""

from __future__ import annotations

import contextlib
import ctypes

_SETTERS = ("TIFFSetWarningHandler", "TIFFSetErrorHandler")


def silence_libtiff() -> None:
    """Let the libtiff that Pillow reads with print nothing; Pillow raises what matters of it all the same.

    Its messages go straight to descriptor 2, past ``sys.stderr``. To redirect
    that descriptor while a picture is read would swallow what other threads
    write meanwhile. So the library is told once to call nobody, which is for
    the whole process, and thus for programs and not for a package to do.
    Where Pillow was built so that its libtiff cannot be reached, all stays as it is.
    """
    from PIL import _imaging

    with contextlib.suppress(OSError, AttributeError):
        # Open already; symbols are looked up in what it was linked with, which is Pillow's own copy.
        library = ctypes.CDLL(_imaging.__file__)
        for name in _SETTERS:
            setter = getattr(library, name)
            setter.argtypes, setter.restype = [ctypes.c_void_p], ctypes.c_void_p
            setter(None)
