"""What people saw who looked over the photos' masks."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from portraitify.errors import ConfigError

# In the column `mask`, whose mask is right: that of ISNet, that of the selfie network, or none.
OBJECTS, SELFIE, NEITHER = TEACHERS = ("objects", "selfie", "neither")
# In the column `hat`: photos with hats or scarves that teach, and that are kept to measure with.
_TEACHES, _MEASURES = "train", "held-out"


@dataclass(frozen=True)
class LookedOver:
    """Photos by name, as the records of prepared data have it.

    Attributes:
        teachers: which mask is right, one of ``TEACHERS``, of photos for which the teachers' agreement does not tell.
        hats: photos with hats or scarves, to learn from.
        kept_hats: such photos, to measure with; never learned from.
    """

    teachers: dict[str, str]
    hats: frozenset[str]
    kept_hats: frozenset[str]

    @classmethod
    def load(cls, path: Path) -> LookedOver:
        """Read a CSV file with the columns file, mask and hat; the last two may be empty.

        Raises:
            ConfigError: it cannot be read, lacks a column, or says something else.
        """
        try:
            with path.open(encoding="utf-8", newline="") as stream:
                rows = [(row["file"], row["mask"], row["hat"]) for row in csv.DictReader(stream)]
        except (OSError, KeyError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: must be a CSV file with the columns file, mask and hat.") from error
        for name, mask, hat in rows:
            if mask not in ("", *TEACHERS) or hat not in ("", _TEACHES, _MEASURES):
                raise ConfigError(f"{path}: {name}: {mask or hat} is not known.")
        return cls(
            {name: mask for name, mask, _ in rows if mask},
            frozenset(name for name, _, hat in rows if hat == _TEACHES),
            frozenset(name for name, _, hat in rows if hat == _MEASURES),
        )


NOT_LOOKED_OVER = LookedOver({}, frozenset(), frozenset())
