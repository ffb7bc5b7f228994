"""What became of a photo, as plain values for JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from portraitify.batch.runner import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from portraitify.results import Painting


def outcome_record(outcome: Outcome, exit_code: Callable[[BaseException], int]) -> dict[str, Any]:
    """One photo's line of a report.

    Args:
        outcome: what became of it.
        exit_code: gives the code of an error.
    """
    record: dict[str, Any] = {
        "source": outcome.job.name,
        "status": outcome.status,
        "files": [str(path) for path in outcome.files],
        "paintings": [
            _painting_record(part) for painting in outcome.paintings for part in painting.parts or (painting,)
        ],
        "warnings": list(outcome.warnings),
        "seconds": round(outcome.seconds, 3),
    }
    if outcome.error is not None:
        record["error"] = " ".join(str(outcome.error).split()) or type(outcome.error).__name__
        record["code"] = exit_code(outcome.error)
    return record


def _painting_record(painting: Painting) -> dict[str, Any]:
    source, reference, provenance = painting.face.source, painting.reference, painting.provenance
    return {
        "style": painting.choice.style,
        "probabilities": {name: round(value, 4) for name, value in painting.choice.probabilities.items()},
        "reason": painting.choice.reason,
        "reasons": [
            {"attribute": reason.attribute, "words": reason.words, "effect": round(reason.effect, 3)}
            for reason in painting.choice.reasons
        ],
        "attributes": painting.choice.attributes.record() if painting.choice.attributes else {},
        "style_code": reference.identifier,
        "reference": {"painter": reference.painter, "title": reference.title, "date": reference.date},
        "seed": provenance.seed,
        "size": provenance.size_px,
        "weights": provenance.weights,
        "face": {
            "number": source.number,
            "box": [round(float(value), 1) for value in source.box],
            "certainty": round(source.score, 4),
            "turned": 90 * source.quarter_turns,
        },
        "seconds": {name: round(value, 4) for name, value in painting.seconds.items()},
        "warnings": list(painting.warnings),
    }


def inspection_record(path: Path, values: dict[str, Any] | None) -> dict[str, Any]:
    """One file's line of ``portraitify inspect --json``."""
    return {"file": str(path), "machine_made": values is not None, **(values or {})}
