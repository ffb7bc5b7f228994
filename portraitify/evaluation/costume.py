"""The whole measuring of ``--costume``, from prepared data and weights to readings that may be gone on with."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
from PIL import Image

from portraitify import __version__
from portraitify.config import AUTO, HAIRS, OWN_HAIR, Config, PaintConfig
from portraitify.costume.wardrobe import find_library, open_wardrobe
from portraitify.data.batches import PreparedData
from portraitify.errors import ConfigError, PortraitifyError
from portraitify.evaluation.costume_readings import CostumeExaminer, CostumeReading
from portraitify.evaluation.identity import INSTALL_HINT, open_face_reader
from portraitify.evaluation.labelled_smiles import learn_smiles
from portraitify.evaluation.records import plain_mapping
from portraitify.evaluation.sitters import choose_rows, read_sitter
from portraitify.evaluation.whole_process import ProcessCost, measure_process
from portraitify.pipeline import Portraitist

Progress = Callable[[str, int, int], None]
# Side of the photo by which a whole process is measured, pixels.
_PHOTO_PX = 512
_DIGITS = 5


@dataclass(frozen=True)
class CostumeConfig(Config):
    """Options of the measuring.

    Attributes:
        hair: one of ``HAIRS``, which way to sit for a master.
        limit: sitters at most; 0 takes all that are held out.
        seed: of the sitters and the bootstrap.
        size_px: longer side of the paintings.
        runs: of a whole process, of which the median counts; 0 leaves that out.
        draws: of the bootstrap.

    Raises:
        ConfigError: a value makes no sense.
    """

    hair: str = OWN_HAIR
    limit: int = 0
    seed: int = 0
    size_px: int = 1280
    runs: int = 3
    draws: int = 1000

    def __post_init__(self) -> None:
        if self.hair not in HAIRS:
            raise ConfigError(f"hair {self.hair}: choose one of {', '.join(HAIRS)}.")
        if min(self.limit, self.seed, self.runs) < 0 or self.draws < 1:
            raise ConfigError("limit, seed and runs must be 0 or more, draws 1 or more.")


@dataclass(frozen=True)
class CostumeEvaluation:
    """What was found.

    Attributes:
        version: of portraitify.
        config: options.
        available: held-out photos that there were.
        weights: digest of the weights and the masters' pictures.
        readings: of the sitters.
        process: what a whole process takes; None where it was not measured.
        notes: what a reader must know, one sentence or two each.
    """

    version: str
    config: CostumeConfig
    available: int
    weights: str
    readings: tuple[CostumeReading, ...]
    process: ProcessCost | None
    notes: tuple[str, ...]


def evaluate_costume(
    data: PreparedData,
    weights: Path | None,
    config: CostumeConfig,
    folder: Path,
    resume: bool = False,
    on_progress: Progress = lambda phase, done, total: None,
) -> CostumeEvaluation:
    """Dress held-out sitters and measure what became of them, one after the other.

    Args:
        data: prepared pictures.
        weights: folder with a manifest; the shipped one by default.
        config: options.
        folder: made if missing; holds what was read of each sitter as soon as it was, and the mouths of the judge of
            smiles.
        resume: go on with what lies there, which must have been read with the same version, weights and size;
            other sitters may have been drawn.
        on_progress: called with the phase (``smiles``, ``sitters``, ``process``), steps done, and steps in all.

    Raises:
        ConfigError: the data lacks held-out photos, or what is to be gone on with is something else.
        WeightsError: the weights are missing or wrong.
    """
    rows = choose_rows(data, config.limit, config.seed)
    # On a CPU, so that the figures do not depend on what else a machine has.
    options = PaintConfig(costume=AUTO, hair=config.hair, size_px=config.size_px, device="cpu", reasons=False)
    folder.mkdir(parents=True, exist_ok=True)
    with Portraitist(options, weights) as portraitist:
        wardrobe, faces = open_wardrobe(portraitist.weights, options), open_face_reader()
        digest = portraitist.weights.digest + wardrobe.mark
        log = _Log(folder / f"costume-{config.hair}.jsonl", [__version__, digest, config.size_px], resume)
        smile = None
        if faces:
            cache = folder / "mouths.npz"
            smile = learn_smiles(data, faces, options.paint_px, lambda *at: on_progress("smiles", *at), cache)
        examiner = CostumeExaminer(portraitist, wardrobe, find_library(portraitist.weights.folder), faces, smile)
        readings = _read(data, rows.tolist(), examiner, log, on_progress)
    notes = list(_notes(faces is not None, smile is not None, readings))
    process = None
    dressed = [row for row, reading in zip(rows.tolist(), readings, strict=True) if reading.master]
    if config.runs and dressed:
        on_progress("process", 0, 1)
        try:
            process = _process(data, dressed[0], weights, config)
        except PortraitifyError as error:
            # What was measured of the sitters must not be lost with it.
            notes.append(f"Time and memory were not measured: {error}")
        on_progress("process", 1, 1)
    available = len(choose_rows(data, 0, 0))
    return CostumeEvaluation(__version__, config, available, digest, tuple(readings), process, tuple(notes))


def _read(
    data: PreparedData, rows: Sequence[int], examiner: CostumeExaminer, log: _Log, on_progress: Progress
) -> list[CostumeReading]:
    for done, row in enumerate(rows, 1):
        name = data.records[row]["file"]
        if name not in log.readings:
            log.add(examiner.examine(read_sitter(data, row, examiner.portraitist.config.paint_px), name))
        on_progress("sitters", done, len(rows))
    return [log.readings[data.records[row]["file"]] for row in rows]


class _Log:
    """What was read so far, one line a sitter under one that says by what."""

    def __init__(self, path: Path, by: Sequence[object], resume: bool):
        self.path, self.readings = path, dict[str, CostumeReading]()
        first = json.dumps(by)
        lines = path.read_text(encoding="utf-8").splitlines() if resume and path.exists() else []
        if lines and lines[0] != first:
            raise ConfigError(
                f"{path}: was begun with another version, weights or size. Leave out --resume to begin again."
            )
        for line in lines[1:]:
            try:
                reading = CostumeReading.of_record(json.loads(line))
            except ValueError:
                # The last line of a run that was killed.
                continue
            self.readings[reading.file] = reading
        kept = [json.dumps(_record(reading)) for reading in self.readings.values()]
        path.write_text("\n".join([first, *kept]) + "\n", encoding="utf-8")

    def add(self, reading: CostumeReading) -> None:
        # As it will be read again, so that a run that was gone on with ends as one that was not.
        record = _record(reading)
        self.readings[reading.file] = CostumeReading.of_record(record)
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")


def _record(reading: CostumeReading) -> dict[str, object]:
    return plain_mapping(asdict(reading), _DIGITS)


def _process(data: PreparedData, row: int, weights: Path | None, config: CostumeConfig) -> ProcessCost:
    """Measure the command line on the photo of one sitter."""
    with tempfile.TemporaryDirectory(prefix="portraitify-") as folder:
        photo, painting = Path(folder) / "photo.png", Path(folder) / "painting.png"
        pixels = cv2.resize(data.images[row], (_PHOTO_PX, _PHOTO_PX), interpolation=cv2.INTER_AREA)
        Image.fromarray(pixels).save(photo)
        command = [sys.executable, "-m", "portraitify", str(photo), "-o", str(painting), "--overwrite"]
        command += ["--costume", AUTO, "--hair", config.hair, "--size", str(config.size_px), "--device", "cpu"]
        command += ["--weights", str(weights)] if weights else []
        return measure_process(command, config.runs)


def _notes(faces: bool, smile: bool, readings: Sequence[CostumeReading]) -> list[str]:
    notes = []
    if not faces:
        notes.append(f"Who is seen and who smiles was not measured: {INSTALL_HINT}.")
    elif not smile:
        notes.append("Smiles were not measured: the data holds too few photos labelled as smiling and neutral.")
    unseen = sum(reading.photo_face is False for reading in readings)
    if unseen:
        notes.append(f"dlib finds no face in {unseen} of the photos; who is seen leaves those sitters out.")
    if len(readings) < 50:
        notes.append(f"Only {len(readings)} sitters were painted: the intervals are wide, and the thirds small.")
    return notes
