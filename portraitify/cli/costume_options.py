"""Options for sitting in an old master's picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli.values import TextType
from portraitify.config import AUTO, HAIRS, OWN_HAIR

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class MasterName(TextType):
    """``auto`` or the name of a master's picture; whether there is such a one is told once the weights are known."""

    name = "master"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).lower()
        if re.fullmatch(r"[a-z0-9][a-z0-9_-]*", text):
            return text
        self.fail(f"{value!r} is no name of a master. `portraitify masters` lists them.", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from portraitify.costume.wardrobe import find_library
        from portraitify.errors import PortraitifyError

        try:
            names = find_library(ctx.params.get("weights")).names()
        except PortraitifyError:
            names = []
        return [CompletionItem(name) for name in (AUTO, *names) if name.startswith(incomplete)]


def costume_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Options that are named like the fields of PaintConfig that they set."""
    costume = click.option(
        "--costume",
        type=MasterName(),
        callback=lambda ctx, param, value: value or "",
        metavar="auto|NAME",
        help="Sit for a master: your own painted head on the bust of an old master's portrait. auto takes the picture "
        "that fits best in pose, light and age, or paints a plain portrait, with a warning, where none does; NAME is "
        "one of `portraitify masters`. With auto, --seed and --variants go on to the next pictures. Shape, ground and "
        "style are the master's, so --crop, --background keep, --strength, --keep-color, --sheet, other shapes than "
        "4:5 and other styles than renaissance and oil do not go with it.",
    )
    hair = click.option(
        "--hair",
        type=click.Choice(HAIRS, case_sensitive=False),
        default=OWN_HAIR,
        show_default=True,
        help="With --costume: your own head and hair, or your face under the master's hair, hat or veil.",
    )
    beard = click.option(
        "--beard",
        is_flag=True,
        help="With --costume NAME --hair master: wear the beard of a bearded master, too. Without it such a picture is "
        "refused, since nothing here tells who wants a beard.",
    )
    return costume(hair(beard(function)))
