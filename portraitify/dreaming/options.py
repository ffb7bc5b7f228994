"""How to dream; light, for the options of the command import it."""

from __future__ import annotations

from dataclasses import dataclass

from portraitify.errors import ConfigError

# Blocks of the network by what they make: strokes, swirls of hair, and eyes and leaves.
LAYERS = {"strokes": 3, "swirls": 6, "scales": 8, "eyes": 10}
MOST_OCTAVES, MOST_STEPS, MOST_STRENGTH = 8, 60, 4.0


@dataclass(frozen=True)
class DreamOptions:
    """Options of a dream.

    Attributes:
        layer: a key of :data:`LAYERS`.
        octaves: sizes at which is dreamt, the coarsest first.
        steps: of each octave.
        strength: 0 to ``MOST_STRENGTH``.
        seed: of the shifts.

    Raises:
        ConfigError: a value makes no sense.
    """

    layer: str = "eyes"
    octaves: int = 3
    steps: int = 6
    strength: float = 0.6
    seed: int = 0

    def __post_init__(self) -> None:
        if self.layer not in LAYERS:
            raise ConfigError(f"layer {self.layer}: must be one of {', '.join(LAYERS)}.")
        if not 1 <= self.octaves <= MOST_OCTAVES or not 1 <= self.steps <= MOST_STEPS:
            raise ConfigError(f"Octaves must lie between 1 and {MOST_OCTAVES}, steps between 1 and {MOST_STEPS}.")
        if not 0 <= self.strength <= MOST_STRENGTH:
            raise ConfigError(f"strength {self.strength:g}: must lie between 0 and {MOST_STRENGTH:g}.")
