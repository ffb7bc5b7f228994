"""Sharing out photos: what a worker of a cluster takes at a time."""

from __future__ import annotations

from collections.abc import Sequence

# A block is painted again where its worker dies, and all that it names may be in memory.
MOST_BYTES, MOST_PHOTOS = 64 << 20, 16
# So that no worker waits long for the last one.
_BLOCKS_A_WORKER = 4


def into_blocks(sizes: Sequence[int], workers: int) -> list[range]:
    """Cut a row of photos into blocks of about the same number of bytes.

    A block has at most ``MOST_BYTES``, unless a single photo is larger, and at
    most ``MOST_PHOTOS``; each worker gets a few of them.

    >>> into_blocks([10, 10, 10, 10, 70 << 20, 10], workers=1)
    [range(0, 2), range(2, 4), range(4, 5), range(5, 6)]

    Args:
        sizes: of the photos, bytes.
        workers: how many take blocks.

    Returns:
        The numbers of the photos of each block, in order.
    """
    most_photos = max(1, min(MOST_PHOTOS, -(-len(sizes) // (_BLOCKS_A_WORKER * workers))))
    most_bytes = min(MOST_BYTES, max(sum(sizes) // (_BLOCKS_A_WORKER * workers), most_photos * _mean(sizes)))
    blocks, start, held = [], 0, 0
    for number, size in enumerate(sizes):
        if number > start and (held + size > most_bytes or number - start >= most_photos):
            blocks.append(range(start, number))
            start, held = number, 0
        held += size
    return [*blocks, range(start, len(sizes))] if sizes else []


def _mean(sizes: Sequence[int]) -> int:
    return -(-sum(sizes) // max(len(sizes), 1))
