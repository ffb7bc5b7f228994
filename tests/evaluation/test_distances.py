import numpy as np
import pytest

from portraitify.evaluation.distances import KernelDistance, content_distance, polynomial_kernel


def test_the_kernel_is_a_cubed_product():
    # (1 * 3 + 2 * 4) / 2 + 1 = 6.5
    assert polynomial_kernel(np.array([[1.0, 2]]), np.array([[3.0, 4]])).tolist() == [[6.5**3]]


def test_the_kernel_distance_of_four_numbers():
    # Within x: (0 * 1 + 1)^3 = 1; within y: (2 * 3 + 1)^3 = 343; between: 1, 1, 27, 64.
    found = KernelDistance(np.array([[0.0], [1.0]]), np.array([[2.0], [3.0]]))()
    assert found == pytest.approx(1 + 343 - 2 * (1 + 1 + 27 + 64) / 4)


def test_samples_of_one_kind_are_on_average_not_apart():
    rng = np.random.default_rng(0)
    alike = [KernelDistance(*rng.standard_normal((2, 30, 4)))() for _ in range(200)]
    apart = [KernelDistance(rng.standard_normal((30, 4)), rng.standard_normal((30, 4)) + 1)() for _ in range(20)]
    assert abs(np.mean(alike)) < 3 * np.std(alike) / np.sqrt(200)
    assert min(apart) > max(alike)


def test_a_picture_drawn_twice_is_no_pair_with_itself():
    x, y = np.random.default_rng(0).standard_normal((2, 3, 2))
    distance = KernelDistance(x, y)
    everything = np.arange(3)
    assert distance(everything, everything) == pytest.approx(distance())
    # Every picture drawn twice is the same sample again.
    assert distance(np.tile(everything, 2), everything) == pytest.approx(distance())
    assert np.isnan(distance(np.array([1, 1, 1]), everything))


def test_content_distance_looks_at_the_sitter():
    torch = pytest.importorskip("torch")
    first, second = torch.zeros(1, 2, 4, 4), torch.zeros(1, 2, 4, 4)
    first[:, 0] = 1
    second[:, 0] = 1
    # Turned by a right angle in the upper half: the squared difference there is 2.
    second[:, 0, :2], second[:, 1, :2] = 0, 1
    sitter = np.zeros((8, 8))
    sitter[:4] = 1
    assert content_distance([first], [first], sitter) == 0
    assert content_distance([first], [second], sitter) == pytest.approx(2)
    assert content_distance([first], [second], 1 - sitter) == 0
    assert content_distance([first, first], [second, first], np.ones((8, 8))) == pytest.approx(0.5)
