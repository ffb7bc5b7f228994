import numpy as np
import pytest

from portraitify.evaluation.bootstrap import bootstrap, mean_estimate, nanmean, share_estimate


def test_the_interval_of_a_mean_is_about_that_of_the_normal_distribution():
    values = np.random.default_rng(0).standard_normal(400)
    found = mean_estimate(values, 0, 2000)
    reach = 1.96 * values.std() / 20
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - reach, abs=0.02)
    assert found.high == pytest.approx(values.mean() + reach, abs=0.02)
    assert found.count == 400


def test_a_sitters_pictures_are_drawn_together():
    # Four equal pictures of each of two sitters tell no more than one of each.
    once, often = (mean_estimate(np.array([[0.0] * k, [1.0] * k]), 0, 500) for k in (1, 4))
    assert once == often
    assert (once.low, once.high, once.count) == (0, 1, 2)


def test_what_was_not_measured_does_not_count():
    found = mean_estimate(np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, 5.0]]), 0, 50)
    assert (found.value, found.count) == (2.5, 2)
    assert mean_estimate(np.full((3, 2), np.nan), 0, 50) is None


def test_a_single_sitter_allows_no_interval():
    found = mean_estimate(np.array([2.0]), 0, 50)
    assert found.value == 2
    assert np.isnan([found.low, found.high]).all()


def test_a_full_share_of_few_is_not_certain():
    found = share_estimate(np.ones(10), 0, 50)
    # 0.025 ** (1 / 10), as tables of Clopper and Pearson have it.
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(0.6915, abs=1e-4)
    assert share_estimate(np.zeros(10), 0, 50).high == pytest.approx(0.3085, abs=1e-4)


def test_other_shares_are_drawn_again():
    values = np.array([1.0] * 8 + [0.0] * 2)
    assert share_estimate(values, 0, 50) == mean_estimate(values, 0, 50)


def test_the_seed_decides():
    values = np.arange(20.0)
    assert mean_estimate(values, 3, 100) == mean_estimate(values, 3, 100)
    assert mean_estimate(values, 3, 100) != mean_estimate(values, 4, 100)


def test_samples_are_drawn_apart():
    def gap(a: np.ndarray, b: np.ndarray) -> float:
        assert a.max() < 3
        assert b.max() < 5
        return float(len(b) - len(a))

    assert bootstrap(gap, [3, 5], 8, 0, 20).value == 2
    assert bootstrap(lambda picks: float("nan"), [3], 3, 0, 20) is None


def test_means_leave_out_what_was_not_measured():
    values = np.array([[1.0, np.nan, 4.0], [np.nan, np.nan, np.nan]])
    assert nanmean(values, 1) == pytest.approx([2.5, np.nan], nan_ok=True)
    assert nanmean(values, 0) == pytest.approx([1, np.nan, 4], nan_ok=True)
    assert nanmean(values) == 2.5
    assert np.isnan(nanmean(np.array([np.nan])))
