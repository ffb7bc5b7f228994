"""Counting the answers of a blind comparison."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from portraitify.errors import ConfigError
from portraitify.evaluation.answer_tables import Key, listed, numbered_rows
from portraitify.evaluation.bootstrap import Estimate, mean_estimate
from portraitify.evaluation.markdown import markdown_table
from portraitify.evaluation.pair_sheets import COLUMNS
from portraitify.evaluation.pairs import SIDES, Entry

TIE = "TIE"
LEAST_SCORE, MOST_SCORE = 1.0, 10.0
# Of the standard normal distribution, for a two-sided interval of 95 %.
_QUANTILE = 1.959963984540054
_DRAWS = 2000


@dataclass(frozen=True)
class Answer:
    """What was said of one pair.

    Attributes:
        number: of the pair.
        preferred: ``A``, ``B`` or ``TIE``.
        scores: of A and B, 1 to 10, or nothing.
    """

    number: int
    preferred: str
    scores: tuple[float, float] | None


@dataclass(frozen=True)
class Preference:
    """What the answers say.

    Attributes:
        new: pairs whose new painting is preferred.
        old: pairs whose old one is.
        ties: the others.
        share: of new among those decided, with Wilson's interval; nothing where none was.
        p_value: of the two-sided sign test, ties left out.
        scores: means of old, of new, and of their difference, over sitters; nothing where no scores were given.
    """

    new: int
    old: int
    ties: int
    share: Estimate | None
    p_value: float
    scores: tuple[Estimate, Estimate, Estimate] | None


def read_answers(path: Path, key: Key[Entry]) -> list[Answer]:
    """Read a filled-in table, whose columns may be parted by commas, semicolons or tabs.

    Raises:
        ConfigError: it is of another comparison, half filled in, or mangled; the message says where.
    """
    rows = numbered_rows(path, COLUMNS, key, "preferred", "A, B or tie")
    answers = {number: _answer(row, where) for number, (where, row) in rows.items()}
    scored = [number for number, answer in answers.items() if answer.scores]
    if 0 < len(scored) < len(answers):
        without = sorted(answers.keys() - set(scored))
        raise ConfigError(f"{path}: {listed(without)} without scores. Score all or none.")
    return [answers[entry.number] for entry in key.entries]


def _answer(row: dict[str, str], where: str) -> Answer:
    preferred = row["preferred"].upper()
    if preferred not in (*SIDES, TIE):
        raise ConfigError(f"{where}: {row['preferred']!r} is none of A, B and tie.")
    cells = row["score_a"], row["score_b"]
    if any(cells) and not all(cells):
        raise ConfigError(f"{where}: number {row['number']} has one score. Score both or none.")
    scores = (_score(cells[0], where), _score(cells[1], where)) if all(cells) else None
    return Answer(int(row["number"]), preferred, scores)


def _score(cell: str, where: str) -> float:
    try:
        value = float(cell.replace(",", "."))
    except ValueError as error:
        raise ConfigError(f"{where}: {cell!r} is no score.") from error
    if not LEAST_SCORE <= value <= MOST_SCORE:
        raise ConfigError(f"{where}: the score {cell} is not between {LEAST_SCORE:g} and {MOST_SCORE:g}.")
    return value


def count_preferences(answers: Sequence[Answer], entries: Sequence[Entry], seed: int = 0) -> Preference:
    """Count answers.

    Args:
        answers: at least one, in the order of ``entries``.
        entries: of the key.
        seed: of the bootstrap of scores.
    """
    told = [(answer.preferred, entry.new_side) for answer, entry in zip(answers, entries, strict=True)]
    ties = sum(preferred == TIE for preferred, _ in told)
    new = sum(preferred == side for preferred, side in told)
    old = len(told) - new - ties
    return Preference(new, old, ties, wilson(new, new + old), sign_test(new, old), _scores(answers, entries, seed))


def count_by_style(answers: Sequence[Answer], key: Key[Entry], seed: int = 0) -> dict[str, Preference]:
    """The same for each style that is known, in alphabetical order."""
    counted = {}
    for style in sorted({entry.style for entry in key.entries if entry.style}):
        chosen = [index for index, entry in enumerate(key.entries) if entry.style == style]
        counted[style] = count_preferences([answers[i] for i in chosen], [key.entries[i] for i in chosen], seed)
    return counted


def wilson(successes: int, count: int) -> Estimate | None:
    """A share with its 95 % interval.

    Source: Wilson, Journal of the American Statistical Association 22(158), 1927.

    Returns:
        None where ``count`` is 0.
    """
    if not count:
        return None
    share, z2 = successes / count, _QUANTILE**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = _QUANTILE * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return Estimate(share, max(0.0, middle - reach), min(1.0, middle + reach), count)


def sign_test(first: int, second: int) -> float:
    """Two-sided exact p-value of so unequal counts if both outcomes were equally likely.

    Source: Dixon and Mood, Journal of the American Statistical Association 41(236), 1946.
    """
    count = first + second
    tail = sum(math.comb(count, fewer) for fewer in range(min(first, second) + 1))
    return float(min(1.0, 2 * tail / 2**count))


def _scores(
    answers: Sequence[Answer], entries: Sequence[Entry], seed: int
) -> tuple[Estimate, Estimate, Estimate] | None:
    """Means over sitters, since several paintings of one are no independent draws."""
    by_sitter: dict[str, list[tuple[float, float]]] = {}
    for answer, entry in zip(answers, entries, strict=True):
        if answer.scores:
            of_new = SIDES.index(entry.new_side)
            by_sitter.setdefault(entry.photo, []).append((answer.scores[1 - of_new], answer.scores[of_new]))
    if not by_sitter:
        return None
    means = np.array([np.mean(scores, 0) for scores in by_sitter.values()])
    found = [mean_estimate(values, seed, _DRAWS) for values in (means[:, 0], means[:, 1], means[:, 1] - means[:, 0])]
    old, new, gain = (value for value in found if value)
    return old, new, gain


def markdown(total: Preference, by_style: dict[str, Preference]) -> str:
    """A table for people, with a note on how to read it."""
    rows = [*by_style.items(), ("all", total)]
    header = ["style", "new", "old", "tie", "new among decided", "sign test p"]
    if total.scores:
        header += ["score old", "score new", "difference"]
    body = []
    for name, found in rows:
        cells = [name, str(found.new), str(found.old), str(found.ties), percent(found.share), f"{found.p_value:.3g}"]
        if total.scores:
            cells += [_number(value) for value in found.scores or ()]
        body.append(cells)
    note = "Brackets hold 95 % intervals: of shares Wilson's (1927), of scores a bootstrap over sitters.\n"
    return markdown_table(header, body, align_right=True) + "\n" + note


def percent(share: Estimate | None) -> str:
    """A share and its interval, for people."""
    return f"{share.value:.0%} [{100 * share.low:.0f}, {100 * share.high:.0f}]" if share else "none decided"


def _number(value: Estimate) -> str:
    interval = f" [{value.low:.1f}, {value.high:.1f}]" if math.isfinite(value.low) else ""
    return f"{value.value:.1f}{interval}"
