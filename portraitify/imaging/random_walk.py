"""Which of two labels each pixel most likely has, told by what is known of some and by the edges in between."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Steps of the conjugate gradients, and the residual at which they end, as a share of the first one.
_STEPS, _ENOUGH = 120, 1e-3
_TINY = 1e-6


def random_walk(
    lab: np.ndarray, inside: np.ndarray, one: np.ndarray, zero: np.ndarray, edge: float, leak: float = 1e-3
) -> np.ndarray:
    """The chance that a walker who starts at a pixel and crosses edges unwillingly ends at label one.

    Source: Grady, Multilabel random walker image segmentation using prior
    models, CVPR 2005, equation 11, with two labels.

    Args:
        lab: ``(H, W, 3)`` float32, CIELAB.
        inside: ``(H, W)`` bool, where the walker may go; nothing is told elsewhere.
        one, zero: ``(H, W)`` float, how strongly what is known of a pixel by itself draws it to either label: about 1
            where a step to a neighbour of the same colour is as likely as an end there.
        edge: difference of neighbours' colours, CIELAB units, that makes a step e times as unlikely.
        leak: least conductance between neighbours.

    Returns:
        ``(H, W)`` float32 in 0 to 1; 0 outside.
    """
    down, right = (_conductance(lab, inside, axis, edge, leak) for axis in (0, 1))
    drawn = one + zero + _TINY
    total = drawn.copy()
    for axis, between in ((0, down), (1, right)):
        _ends(total, axis)[0][...] += between
        _ends(total, axis)[1][...] += between

    def applied(field: np.ndarray) -> np.ndarray:
        result = total * field
        for axis, between in ((0, down), (1, right)):
            (to_first, to_last), (first, last) = _ends(result, axis), _ends(field, axis)
            to_first -= between * last
            to_last -= between * first
        return np.asarray(result)

    return np.asarray(np.clip(_solved(applied, one, total, one / drawn), 0, 1) * inside, np.float32)


def _solved(
    applied: Callable[[np.ndarray], np.ndarray], right_side: np.ndarray, diagonal: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """Conjugate gradients, with the diagonal as preconditioner."""
    field: np.ndarray = start.astype(np.float64)
    residual = right_side - applied(field)
    eased = residual / diagonal
    direction, size = eased, float((residual * eased).sum())
    least = _ENOUGH**2 * size
    for _ in range(_STEPS):
        if size <= least:
            break
        along = applied(direction)
        step = size / float((direction * along).sum())
        field, residual = field + step * direction, residual - step * along
        eased = residual / diagonal
        before, size = size, float((residual * eased).sum())
        direction = eased + size / before * direction
    return field


def _conductance(lab: np.ndarray, inside: np.ndarray, axis: int, edge: float, leak: float) -> np.ndarray:
    (first, last), (here, there) = _ends(lab, axis), _ends(inside, axis)
    apart = np.sum((first - last) ** 2, axis=-1) / edge**2
    return np.asarray((np.exp(-apart) + leak) * (here & there), np.float64)


def _ends(field: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """All but the last and all but the first rows or columns."""
    return (field[:-1], field[1:]) if axis == 0 else (field[:, :-1], field[:, 1:])
