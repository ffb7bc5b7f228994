"""Blocks: every photo once, in order, and none too large."""

import pytest

from portraitify.batch.blocks import MOST_BYTES, MOST_PHOTOS, into_blocks


@pytest.mark.parametrize(
    ("sizes", "workers"),
    [([], 2), ([5], 8), ([0] * 100, 3), ([1 << 20] * 1000, 2), ([1 << 30, 1, 1 << 30, 1], 1), (list(range(500)), 7)],
)
def test_blocks_hold_every_photo_once_in_order(sizes, workers):
    blocks = into_blocks(sizes, workers)
    assert [number for block in blocks for number in block] == list(range(len(sizes)))
    for block in blocks:
        assert 1 <= len(block) <= MOST_PHOTOS
        assert len(block) == 1 or sum(sizes[number] for number in block) <= MOST_BYTES


def test_blocks_shrink_so_that_workers_end_together():
    lengths = [len(block) for block in into_blocks([1 << 20] * 300, workers=2)]
    assert lengths[:15] == [16] * 15
    assert lengths[15:] == sorted(lengths[15:], reverse=True)
    assert lengths[-4:] == [1, 1, 1, 1]
    assert len(lengths) < 30


def test_a_large_photo_gets_a_block_of_its_own():
    assert into_blocks([10, 10, 100 << 20, 10], workers=1)[-2:] == [range(2, 3), range(3, 4)]
