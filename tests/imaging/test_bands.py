import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from portraitify.imaging.bands import bands, in_turns


def test_bands_follow_each_other():
    found = list(bands((700, 40), 256))
    assert [(top, bottom) for _, top, bottom in found] == [(0, 256), (256, 512), (512, 700)]
    assert [(rows.start, rows.stop) for rows, _, _ in found] == [(0, 256), (256, 512), (512, 700)]


@pytest.mark.parametrize("threads", [0, 1])
def test_every_band_is_done_once(threads):
    done: dict[int, int] = {}

    def work(rows: slice, top: int, bottom: int) -> None:
        done[top] = threading.get_ident()

    pool = ThreadPoolExecutor(1) if threads else None
    in_turns(work, bands((1000,), 100), pool)
    assert sorted(done) == list(range(0, 1000, 100))
    assert len(set(done.values())) == 1 + threads


def test_what_fails_in_either_thread_is_told():
    def work(rows: slice, top: int, bottom: int) -> None:
        if top == bad:
            raise ValueError(top)

    with ThreadPoolExecutor(1) as pool:
        for bad in (0, 100):
            with pytest.raises(ValueError, match=str(bad)):
                in_turns(work, bands((300,), 100), pool)
