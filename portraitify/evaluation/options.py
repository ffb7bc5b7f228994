"""Options of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass

from portraitify.config import Config
from portraitify.errors import ConfigError
from portraitify.media.registry import STYLES


@dataclass(frozen=True)
class EvaluateConfig(Config):
    """Options of an evaluation.

    Attributes:
        styles: to paint in.
        limit: sitters at most; 0 takes all that are held out.
        seed: of the sitters, the judge, and the bootstrap.
        finish: 0 to 1, how much of the medium's texture the paintings get.
        judge_pictures: at most so many pictures of each kind teach the judge.
        draws: of the bootstrap.

    Raises:
        ConfigError: a value makes no sense.
    """

    styles: tuple[str, ...] = STYLES
    limit: int = 0
    seed: int = 0
    finish: float = 1.0
    judge_pictures: int = 500
    draws: int = 1000

    def __post_init__(self) -> None:
        unknown = [style for style in self.styles if style not in STYLES]
        if unknown or not self.styles:
            raise ConfigError(f"styles {', '.join(unknown) or 'none'}: choose among {', '.join(STYLES)}.")
        if min(self.limit, self.seed) < 0 or min(self.judge_pictures, self.draws) < 1:
            raise ConfigError("limit and seed must be 0 or more; judge_pictures and draws must be 1 or more.")
