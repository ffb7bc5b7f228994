import numpy as np
import pytest
import torch

from portraitify.data.batches import PreparedData
from portraitify.data.looked_over import NOT_LOOKED_OVER, LookedOver
from portraitify.data.sources import PHOTOS
from portraitify.training.mask import mask_loss
from portraitify.training.mask_views import (
    Cutout,
    MaskViews,
    above_forehead,
    add_bars,
    add_border,
    add_hat,
    add_neighbour,
    composite_on_clutter,
    like_the_sitter,
)

SIZE = 64
LANDMARKS = np.array([[24.0, 30.0], [40.0, 30.0], [32.0, 38.0], [26.0, 46.0], [38.0, 46.0]])


def cutout(columns: slice, rows: slice, level: int) -> Cutout:
    mask = np.zeros((SIZE, SIZE), np.float32)
    mask[rows, columns] = 1
    return Cutout(np.full((SIZE, SIZE, 3), level, np.uint8), mask, np.ones_like(mask))


def test_sitters_are_put_before_clutter():
    rng, sitter = np.random.default_rng(0), cutout(slice(24, 40), slice(20, None), 200)
    for _ in range(8):
        mixed = composite_on_clutter(sitter, np.zeros((SIZE, SIZE, 3), np.uint8), rng)
        assert mixed.mask[-1].max() > 0.5
        assert 0.2 * sitter.mask.sum() < (mixed.mask > 0.5).sum() <= sitter.mask.sum() + SIZE
        assert mixed.image[mixed.mask > 0.99].min() >= 197
        assert mixed.image[mixed.mask < 0.01].max() <= 2
        assert mixed.weight.min() >= 1


def test_a_cut_head_stays_where_it_is():
    sitter = cutout(slice(20, 44), slice(None), 200)
    mixed = composite_on_clutter(sitter, np.zeros((SIZE, SIZE, 3), np.uint8), np.random.default_rng(1))
    assert np.array_equal(mixed.mask, sitter.mask)
    assert np.array_equal(mixed.image[:, 20:44], sitter.image[:, 20:44])


def test_bars_are_straight_and_leave_some_ground():
    ground = np.zeros((SIZE, SIZE, 3), np.uint8)
    drawn = [(add_bars(ground, np.random.default_rng(number)) > 0).any(2) for number in range(12)]
    assert not ground.any()
    assert all(barred.mean() < 0.7 for barred in drawn)
    # From edge to edge.
    assert sum(barred.any(1).all() or barred.any(0).all() for barred in drawn) >= 6


def test_a_ground_takes_the_colour_of_the_sitter_and_keeps_some_of_its_own_forms():
    sitter, ground = cutout(slice(24, 40), slice(None), 200), np.zeros((SIZE, SIZE, 3), np.uint8)
    ground[:, ::2] = 100
    for number in range(8):
        alike = like_the_sitter(ground, sitter, np.random.default_rng(number)).astype(int)
        assert abs(alike.mean() - 200) < 1.5
        assert 8 <= np.ptp(alike) <= 82
    nobody = Cutout(sitter.image, np.zeros_like(sitter.mask), sitter.weight)
    assert np.array_equal(like_the_sitter(ground, nobody, np.random.default_rng(0)), ground)


def test_grounds_are_sharp_or_far_out_of_focus():
    sitter, ground = cutout(slice(24, 40), slice(None), 200), np.zeros((SIZE, SIZE, 3), np.uint8)
    # Wide, so that only a ground far out of focus loses its edge.
    ground[:, :10] = 255
    steps = [
        float(
            np.abs(
                np.diff(composite_on_clutter(sitter, ground, np.random.default_rng(n)).image[40, :20, 0].astype(int))
            ).max()
        )
        for n in range(24)
    ]
    assert max(steps) > 200
    assert min(steps) < 40


def test_a_neighbour_stands_behind_and_is_not_the_sitter():
    rng, sitter = np.random.default_rng(2), cutout(slice(24, 40), slice(20, None), 200)
    other = cutout(slice(16, 48), slice(10, None), 90)
    for _ in range(8):
        mixed = add_neighbour(sitter, other, rng)
        assert np.array_equal(mixed.mask, sitter.mask)
        assert (mixed.image[sitter.mask > 0] == 200).all()
        assert ((mixed.image < 150) & (sitter.mask == 0)[..., None]).any()


def test_a_border_ends_the_sitter():
    rng, sitter = np.random.default_rng(3), cutout(slice(0, None), slice(0, None), 200)
    for _ in range(6):
        framed = add_border(sitter, rng)
        outside = framed.mask < 0.01
        assert outside[0, 0] or framed.mask.all() or outside.any()
        assert (framed.image[framed.mask > 0.99] >= 198).all()


def test_a_hat_sits_above_the_eyes_and_belongs_to_the_head():
    rng, sitter = np.random.default_rng(4), cutout(slice(20, 44), slice(14, None), 200)
    for _ in range(8):
        with_hat = add_hat(sitter, LANDMARKS, np.full((SIZE, SIZE, 3), 40, np.uint8), rng)
        assert (with_hat.mask >= sitter.mask).all()
        assert with_hat.mask[10, 32] > 0.9
        assert (with_hat.image[30:] == sitter.image[30:]).all()


def test_what_counts_more_lies_above_the_forehead():
    area = above_forehead(LANDMARKS, SIZE)
    assert area[4, 32] == pytest.approx(1)
    assert area[30, 32] == area[60, 32] == 0
    assert area[4, 2] == pytest.approx(0, abs=0.05)


def test_doubtful_photos_and_hats_to_measure_with_teach_nothing(prepared_folder):
    data = PreparedData(prepared_folder)
    rows = data.rows(PHOTOS, "train")
    all_rows = MaskViews(data, SIZE, NOT_LOOKED_OVER).rows
    assert all_rows.tolist() == rows.tolist()
    data.records[rows[0]]["doubtful_mask"] = True
    kept = LookedOver({}, frozenset(), frozenset({data.records[rows[1]]["file"]}))
    views = MaskViews(data, SIZE, kept)
    assert views.rows.tolist() == rows[2:].tolist()
    if len(views.rows):
        drawn = [views.draw(np.random.default_rng(7)) for _ in range(2)]
        assert np.array_equal(drawn[0].image, drawn[1].image)
        assert drawn[0].mask.shape == (SIZE, SIZE)


def test_what_errs_at_the_outline_costs_more():
    target, logits = torch.zeros(1, 1, 64, 64), torch.full((1, 1, 32, 32), -9.0)
    target[..., 32:] = 1
    logits[..., 16:] = 9
    inside, at_edge = logits.clone(), logits.clone()
    inside[0, 0, 10, 28] = at_edge[0, 0, 10, 16] = -9
    everywhere = torch.ones_like(target)

    def losses(outline: float) -> list[float]:
        return [float(mask_loss(logits, target, everywhere, outline)) for logits in (inside, at_edge)]

    even, weighted = losses(1.0), losses(4.0)
    assert even[0] == pytest.approx(even[1])
    assert weighted[1] == pytest.approx(4 * weighted[0], rel=0.03)
