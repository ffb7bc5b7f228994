"""Keeping memory from one picture to the next."""

from __future__ import annotations

import contextlib
import ctypes

# GNU's C library gives larger blocks back to the system at once: numbers of its settings in malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
# Layers of pictures of 1024 pixels are smaller; a photo of 12 megapixels is larger, and goes when it is not needed.
_KEPT_BLOCK, _KEPT_IN_ALL = 32 << 20, 256 << 20


def keep_freed_memory() -> None:
    """Let the memory of one layer serve the next, instead of being given back and asked for again.

    The system fills what it gives with zeros, page by page, which took up to a tenth of the time of a small picture.
    For programs that paint many pictures: it is for the whole process. Where the C library is another one, all stays
    as it is.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_MMAP_THRESHOLD, _KEPT_BLOCK)
        mallopt(_TRIM_THRESHOLD, _KEPT_IN_ALL)
