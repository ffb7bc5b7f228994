"""Counting the answers of a blind comparison."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from portraitify.errors import ConfigError
from portraitify.evaluation.bootstrap import Estimate, mean_estimate
from portraitify.evaluation.markdown import markdown_table
from portraitify.evaluation.pair_sheets import COLUMNS
from portraitify.evaluation.pairs import SIDES, Entry, Key

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


def read_answers(path: Path, key: Key) -> list[Answer]:
    """Read a filled-in table, whose columns may be parted by commas, semicolons or tabs.

    Raises:
        ConfigError: it is of another comparison, half filled in, or mangled; the message says where.
    """
    rows = _rows(path)
    open_ones = [row["number"] for _, row in rows if not row["preferred"]]
    if open_ones:
        raise ConfigError(
            f"{path}: {len(open_ones)} of {len(rows)} not answered: {_named(open_ones)}. Write A, B or tie."
        )
    wanted = {entry.number for entry in key.entries}
    answers: dict[int, Answer] = {}
    for line, row in rows:
        where = f"{path}, line {line}"
        if row["comparison"] != key.comparison:
            raise ConfigError(f"{where}: is of comparison {row['comparison']!r}, the key of {key.comparison!r}.")
        answer = _answer(row, where)
        if answer.number not in wanted or answer.number in answers:
            problem = "stands there twice" if answer.number in answers else "is unknown to the key"
            raise ConfigError(f"{where}: pair {answer.number} {problem}.")
        answers[answer.number] = answer
    missing = sorted(wanted - answers.keys())
    if missing:
        raise ConfigError(f"{path}: lacks {_named(missing)}. Give every pair a line.")
    scored = [number for number, answer in answers.items() if answer.scores]
    if 0 < len(scored) < len(answers):
        without = sorted(answers.keys() - set(scored))
        raise ConfigError(f"{path}: {_named(without)} without scores. Score all pairs or none.")
    return [answers[entry.number] for entry in key.entries]


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Lines that hold something, by column, each with its number in the file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is no text in UTF-8. Save it as CSV in UTF-8.") from error
    separator = max(",;\t", key=text.partition("\n")[0].count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if "".join(cells).strip()]
    except csv.Error as error:
        raise ConfigError(f"{path}: is no table ({error}).") from error
    header = tuple(cell.lower() for cell in lines[0][1]) if lines else ()
    if header != COLUMNS:
        raise ConfigError(f"{path}: its first line must be {','.join(COLUMNS)}, not {separator.join(header)!r}.")
    for number, cells in lines[1:]:
        if len(cells) != len(COLUMNS):
            raise ConfigError(f"{path}, line {number}: has {len(cells)} cells, not {len(COLUMNS)}.")
    return [(number, dict(zip(COLUMNS, cells, strict=True))) for number, cells in lines[1:]]


def _answer(row: dict[str, str], where: str) -> Answer:
    if not (row["number"].isascii() and row["number"].isdecimal()):
        raise ConfigError(f"{where}: {row['number']!r} is no number of a pair.")
    preferred = row["preferred"].upper()
    if preferred not in (*SIDES, TIE):
        raise ConfigError(f"{where}: {row['preferred']!r} is none of A, B and tie.")
    cells = row["score_a"], row["score_b"]
    if any(cells) and not all(cells):
        raise ConfigError(f"{where}: pair {row['number']} has one score. Score both or none.")
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


def _named(numbers: Sequence[object]) -> str:
    most = 8
    more = f" and {len(numbers) - most} more" if len(numbers) > most else ""
    return f"{'pair' if len(numbers) == 1 else 'pairs'} {', '.join(map(str, numbers[:most]))}{more}"


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


def count_by_style(answers: Sequence[Answer], key: Key, seed: int = 0) -> dict[str, Preference]:
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
        cells = [name, str(found.new), str(found.old), str(found.ties), _percent(found.share), f"{found.p_value:.3g}"]
        if total.scores:
            cells += [_number(value) for value in found.scores or ()]
        body.append(cells)
    note = "Brackets hold 95 % intervals: of shares Wilson's (1927), of scores a bootstrap over sitters.\n"
    return markdown_table(header, body, align_right=True) + "\n" + note


def _percent(share: Estimate | None) -> str:
    return f"{share.value:.0%} [{100 * share.low:.0f}, {100 * share.high:.0f}]" if share else "none decided"


def _number(value: Estimate) -> str:
    interval = f" [{value.low:.1f}, {value.high:.1f}]" if math.isfinite(value.low) else ""
    return f"{value.value:.1f}{interval}"
