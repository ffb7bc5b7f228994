"""Kinds of values that click has no type for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portraitify.config import ALL, AUTO, FORMAT_NAMES, LARGEST
from portraitify.errors import ConfigError
from portraitify.media.registry import medium_names
from portraitify.media.shares import parse_mix

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    TextType = click.ParamType[str]
    NumberType = click.ParamType[int]
    SharesType = click.ParamType[tuple[float, ...]]
    NameChoice = click.Choice[str]
else:
    # Before 8.5 the types have no parameters.
    TextType = NumberType = SharesType = click.ParamType
    NameChoice = click.Choice

_FORMAT_SPELLINGS = {"jpg": "jpeg", "jpe": "jpeg", "tif": "tiff"}
OTHER_COMMANDS = (
    "inspect",
    "gallery",
    "keep",
    "masters",
    "painters",
    "blend",
    "adjust",
    "imagine",
    "dream",
    "cluster",
    "completion",
    "evaluate",
    "train",
)


class PixelCount(NumberType):
    """A number of pixels, plain or such as ``250M``."""

    name = "pixels"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(M|MP)?", str(value), re.IGNORECASE)
        count = round(float(match[1]) * (1_000_000 if match[2] else 1)) if match else 0
        if count < 1:
            self.fail(f"{value!r} is no number of pixels, such as 40000000 or 40M.", param, ctx)
        return count


class FaceCount(TextType):
    """``largest``, ``all`` or a number."""

    name = "faces"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).lower()
        if text in (LARGEST, ALL) or (text.isascii() and text.isdecimal() and int(text) > 0):
            return text
        self.fail(f"{value!r} is neither {LARGEST}, {ALL}, nor a number from 1.", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in (LARGEST, ALL) if name.startswith(incomplete)]


class StyleName(TextType):
    """``auto``, a shipped style, or one that was taught on this machine."""

    name = "style"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).lower()
        if text in (AUTO, *medium_names()):
            return text
        from portraitify.style.personal import personal_names

        try:
            names = [name for name, _ in parse_mix(text)]
        except ConfigError as error:
            self.fail(str(error), param, ctx)
        known = (*medium_names(), *personal_names())
        unknown = [name for name in names if name not in known]
        if unknown:
            self.fail(f"{unknown[0]!r} is none of {', '.join((AUTO, *known))}.", param, ctx)
        return text

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from portraitify.style.personal import personal_names

        # The last one of a mixture is completed.
        before, comma, begun = incomplete.rpartition(",")
        names = (*medium_names(), *personal_names()) if comma else (AUTO, *medium_names(), *personal_names())
        return [CompletionItem(f"{before}{comma}{name}") for name in names if name.startswith(begun)]


class FormatName(NameChoice):
    """One of ``FORMAT_NAMES``, in capitals or as files are called too: ``jpg``, ``.JPG``, ``tif``."""

    def __init__(self) -> None:
        super().__init__(FORMAT_NAMES, case_sensitive=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        name = str(value).lower().removeprefix(".")
        return super().convert(_FORMAT_SPELLINGS.get(name, name), param, ctx)


class OutputName(TextType):
    """A file, a folder, an address or ``-``; kept as text.

    A slash at the end means a folder that is to be made, and of those in an address a path would lose one.
    """

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value:
            self.fail("an empty name. Is a variable unset?", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


class NamedPath(click.Path):
    """A path that is not empty: an empty name would mean the current folder, and mostly comes from an unset variable.

    Files that are closed to us are told of when they are read, so that one of them stops no other.
    """

    def __init__(self, **options: Any):
        super().__init__(path_type=Path, readable=bool(options.get("exists")), **options)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not os.fspath(value):
            self.fail("an empty name. Is a variable unset?", param, ctx)
        return super().convert(value, param, ctx)


class InputPath(NamedPath):
    """A photo, a folder or ``-``; completed together with the names of the other commands."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = super().convert(value, param, ctx)
        # Python shortens it to the name of stdin.
        return Path(os.path.abspath(path)) if path == Path("-") and value == f".{os.sep}-" else path

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        names = () if ctx.params.get("inputs") else OTHER_COMMANDS
        items = [CompletionItem(name) for name in names if incomplete and name.startswith(incomplete)]
        return [*super().shell_complete(ctx, param, incomplete), *items]


INPUT = InputPath(allow_dash=True)
PATH = NamedPath(allow_dash=True)
