"""Options that name what to paint after."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from portraitify.cli.values import OutputName, TextType

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class PainterName(TextType):
    """A painter of the bank; whether there is such a one is told once the weights are known."""

    name = "painter"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not str(value).strip():
            self.fail("an empty name. `portraitify painters` lists all.", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from portraitify.errors import PortraitifyError
        from portraitify.style.painters import list_painters
        from portraitify.weights import WeightsFolder, default_folder

        try:
            painters = list_painters(WeightsFolder(ctx.params.get("weights") or default_folder()))
        except PortraitifyError:
            painters = []
        begun = incomplete.casefold()
        return [CompletionItem(painter.name) for painter in painters if begun in painter.name.casefold()]


def reference_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Options that are named like the fields of PaintConfig that they set."""
    reference = click.option(
        "--reference",
        type=OutputName(),
        multiple=True,
        metavar="PICTURE[:SHARE]",
        help="Paint after a picture of your own, best a painted portrait: in its manner and palette, on its ground, "
        "and in its medium unless --style names another. Several are mixed, as a.jpg:0.7 and b.jpg:0.3, or evenly. "
        "Paintings record its digest only; whether you may use it is yours to judge.",
    )
    after = click.option(
        "--after",
        type=PainterName(),
        multiple=True,
        metavar="PAINTER[:SHARE]",
        help="Paint after a painter whom the weights know, such as vermeer; `portraitify painters` lists them. "
        "Several, and pictures of --reference, are mixed.",
    )
    return reference(after(function))
