"""Fifty views of the example photos, and what MediaPipe's own network says of them.

``python -m tests.faces.mesh_reference`` writes the answers anew; it needs LiteRT
and the mediapipe wheel, the tests need neither.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from portraitify.faces.face_mesh import Square
from portraitify.io.reading import read_image

EXAMPLES = Path(__file__).parents[2] / "examples"
ANSWERS = Path(__file__).with_name("mesh_reference.npz")
# Centre and longer side of each face's box, pixels.
FACES = {"astronaut.jpg": ((223, 118), 116), "grace_hopper.jpg": ((262, 219), 218)}
VIEWS_EACH = 25


def views() -> list[tuple[np.ndarray, Square]]:
    """Pictures, each with a square: other sizes, places and angles, half of them mirrored, some dark."""
    rng, found = np.random.default_rng(0), []
    for name, (centre, side) in FACES.items():
        image = read_image(EXAMPLES / name).pixels
        for number in range(VIEWS_EACH):
            seen = np.ascontiguousarray(image[:, ::-1]) if number % 2 else image
            x = image.shape[1] - centre[0] if number % 2 else centre[0]
            seen = seen // 3 if number % 5 == 4 else seen
            moved = np.array([x, centre[1]]) + rng.uniform(-0.1, 0.1, 2) * side
            found.append((seen, Square(moved, side * rng.uniform(1.2, 2.0), rng.uniform(-0.6, 0.6))))
    return found


def write_answers() -> None:
    """Ask MediaPipe's network."""
    from portraitify.faces.face_mesh import FaceMesh
    from portraitify.training.face_mesh import OriginalMesh

    mesh = FaceMesh(OriginalMesh())
    answers = [mesh.measure(image, [square])[0] for image, square in views()]
    np.savez_compressed(
        ANSWERS,
        points=np.stack([answer.points for answer in answers]).astype(np.float16),
        presence=np.array([answer.presence for answer in answers], np.float32),
    )


if __name__ == "__main__":
    write_answers()
