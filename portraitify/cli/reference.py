"""The reference of all commands, made from their own help: ``make reference``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from portraitify.cli.main import cli

_TITLE = "# Reference of all commands\n\nMade from `--help` by `make reference`; a test compares the two.\n"
_WIDTH = 100


def reference() -> str:
    """Help of every command as Markdown, the painting command first."""
    parts = [_TITLE]
    for name, command, context in _commands(cli, click.Context(cli, info_name="portraitify"), "portraitify"):
        parts.append(f"## {name}\n\n```text\n{command.get_help(context).rstrip()}\n```\n")
    return "\n".join(parts)


def _commands(
    group: click.Group, parent: click.Context, prefix: str
) -> Iterator[tuple[str, click.Command, click.Context]]:
    for word in group.list_commands(parent):
        command = group.get_command(parent, word)
        assert command is not None
        # "paint" is what portraitify does without a word.
        shown = "" if group is cli and word == "paint" else word
        name = f"{prefix} {shown}".rstrip()
        settings: dict[str, Any] = {**command.context_settings} | {
            "terminal_width": _WIDTH,
            "max_content_width": _WIDTH,
        }
        context = click.Context(command, info_name=shown, parent=parent, **settings)
        yield name, command, context
        if isinstance(command, click.Group):
            yield from _commands(command, context, name)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
