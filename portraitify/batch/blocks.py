"""Sharing out photos: what a worker of a cluster takes at a time."""

from __future__ import annotations

from collections.abc import Sequence

# A block is painted again where its worker dies, and all that it names may be in memory.
MOST_BYTES, MOST_PHOTOS = 64 << 20, 16
# What is left is shared out so many times over, so that blocks shrink and no worker waits long for the last one.
_SHARES_A_WORKER = 2


def into_blocks(sizes: Sequence[int], workers: int) -> list[range]:
    """Cut a row of photos into blocks, of about the same number of bytes first and ever smaller ones in the end.

    A block has at most ``MOST_BYTES``, unless a single photo is larger, and at
    most ``MOST_PHOTOS``.

    Source: Polychronopoulos and Kuck, Guided Self-Scheduling, IEEE Transactions
    on Computers C-36(12), 1987.

    >>> into_blocks([10, 10, 10, 10, 70 << 20, 10], workers=1)
    [range(0, 3), range(3, 4), range(4, 5), range(5, 6)]

    Args:
        sizes: of the photos, bytes.
        workers: how many take blocks.

    Returns:
        The numbers of the photos of each block, in order.
    """
    blocks, start, left = [], 0, sum(sizes)
    while start < len(sizes):
        photos = len(sizes) - start
        most_photos = min(MOST_PHOTOS, -(-photos // (_SHARES_A_WORKER * workers)))
        most_bytes = min(MOST_BYTES, -(-left * most_photos // photos))
        end, held = start + 1, sizes[start]
        while end < start + most_photos and held + sizes[end] <= most_bytes:
            held += sizes[end]
            end += 1
        blocks.append(range(start, end))
        start, left = end, left - held
    return blocks
