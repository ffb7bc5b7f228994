"""The entry point: picks the command and turns errors into exit codes."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from portraitify.cli import exit_codes
from portraitify.cli.console import say_error, say_hint, unwritten
from portraitify.cli.streams import STDOUT, flush_streams, mend_streams, own_streams, silence
from portraitify.errors import ImageError, PortraitifyError

_COMMANDS = {
    "paint": "portraitify.cli.paint:paint",
    "inspect": "portraitify.cli.inspect:inspect",
    "gallery": "portraitify.cli.gallery:gallery",
    "keep": "portraitify.cli.keep:keep",
    "masters": "portraitify.cli.masters:masters",
    "painters": "portraitify.cli.painters:painters",
    "blend": "portraitify.cli.blend:blend",
    "adjust": "portraitify.cli.adjust:adjust",
    "imagine": "portraitify.cli.imagine:imagine",
    "dream": "portraitify.cli.dream:dream",
    "cluster": "portraitify.cli.cluster:cluster",
    "completion": "portraitify.cli.completion:completion",
    "train": "portraitify.cli.train:train",
    "evaluate": "portraitify.cli.evaluate:evaluate",
}
_DEFAULT = "paint"


class _ReaderLeftError(Exception):
    """Nobody reads our output any more."""


class PaintByDefault(click.Group):
    """A group whose commands are loaded on demand, and that paints when none is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in _COMMANDS:
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        # An empty name keeps "paint" out of usage lines: people need not type it.
        return ("" if name == _DEFAULT else name), command, rest

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            # Of that one click would make an exit with 1.
            raise _ReaderLeftError from error


@click.group(cls=PaintByDefault, add_help_option=False)
def cli() -> None:
    """Turn photos into old-master portraits."""


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        args: without the program's name; ``sys.argv`` by default.

    Returns:
        The exit code; see ``portraitify.cli.exit_codes``.
    """
    arguments = list(sys.argv[1:] if args is None else args)
    mend_streams()
    try:
        result = cli.main(args=arguments, prog_name="portraitify", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else exit_codes.DONE
    except click.ClickException as error:
        return _fail_usage(error, arguments)
    except (click.Abort, KeyboardInterrupt):
        say_error("interrupted.")
        return exit_codes.INTERRUPTED
    except (_ReaderLeftError, BrokenPipeError):
        # Other programs end without a word then too.
        silence(sys.stdout)
        return exit_codes.IMAGE
    except Exception as error:
        return _fail(error, arguments)


def _fail_usage(error: click.ClickException, arguments: list[str]) -> int:
    """Tell of wrong usage in two lines, or show the help of a group that was named alone.

    Returns:
        The exit code.
    """
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
    else:
        say_error(error.format_message())
    context = error.ctx if isinstance(error, click.UsageError) else None
    # A word that the command took for one of its own was clearly meant as such.
    if context and context.parent and context.parent.parent is None and _hint_at_path(arguments):
        return error.exit_code
    if context and not isinstance(error, click.exceptions.NoArgsIsHelpError):
        # The path of the painting command has an empty part.
        command = " ".join(context.command_path.split())
        click.echo(f"Try '{command} --help' for help.", err=True)
    return error.exit_code


def _fail(error: Exception, arguments: list[str]) -> int:
    """Tell of an error.

    Returns:
        Its exit code.
    """
    debug = "--debug" in arguments
    if isinstance(error, OSError) and error.filename == STDOUT:
        silence(sys.stdout)
        error = ImageError(unwritten(error))
    if debug:
        import traceback

        traceback.print_exception(error)
    if isinstance(error, PortraitifyError):
        say_error(str(error))
    else:
        advice = "" if debug else " Run again with --debug to see where."
        say_error(f"unexpected {type(error).__name__}: {error}.{advice}")
    if len(arguments) == 1:
        _hint_at_path(arguments)
    return exit_codes.exit_code(error)


def _hint_at_path(arguments: list[str]) -> bool:
    """Say how to paint a file or a folder that is named like the command that was run instead.

    Returns:
        Whether there is one.
    """
    word = arguments[0] if arguments else ""
    if word in _COMMANDS and os.path.exists(word):
        kind = "folder" if os.path.isdir(word) else "file"
        say_hint(f"`{word}` is a command. To paint the {kind} of that name: portraitify {os.path.join('.', word)}")
        return True
    return False


def run() -> NoReturn:
    """Run the command line as a process of its own, and end it."""
    # Here, and not around each picture: filters belong to the process, and threads read at the same time.
    warnings.filterwarnings("ignore", module="PIL")
    own_streams()
    try:
        code = main()
    finally:
        flush_streams()
    # After a failure another picture may still be on its way to the disk, and torch has ends of its own to tie up.
    if code != exit_codes.DONE or "torch" in sys.modules:
        sys.exit(code)
    # Python would take the networks apart, piece by piece, for a twentieth of the time that a small painting
    # takes; the system frees them at once. All files are written and closed.
    os._exit(code)


if __name__ == "__main__":
    run()
