"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], align_right: bool = False) -> str:
    """A table in GitHub Flavored Markdown.

    Args:
        header: of the columns.
        rows: as many cells each; a bar in a cell is escaped.
        align_right: whether all columns but the first are aligned to the right, as numbers are.

    Returns:
        The lines, each with its end.

    Raises:
        ValueError: a row has more or fewer cells than the header.
    """
    rule = ["---", *(["---:" if align_right else "---"] * (len(header) - 1))]
    lines = [_line(header), _line(rule)]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row of {len(row)} cells under a header of {len(header)}: {row}")
        lines.append(_line(row))
    return "".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"
