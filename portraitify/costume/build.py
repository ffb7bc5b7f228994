"""The folder of masters' pictures that ships, made from originals and what was outlined on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from portraitify.costume.curation import read_curation
from portraitify.costume.library import INDEX_NAME
from portraitify.costume.master import Master
from portraitify.costume.preparation import prepare
from portraitify.costume.storage import write_library
from portraitify.errors import ConfigError
from portraitify.faces.detection import FaceDetector
from portraitify.faces.face_mesh import FaceMesh
from portraitify.io.files import make_folder, write_atomically
from portraitify.io.reading import read_image
from portraitify.weights import MANIFEST_NAME, MASTERS_FOLDER

CURATION_FOLDER = "curation"


def build_masters(
    curation: Path,
    originals: Path,
    weights: Path,
    detector: FaceDetector,
    mesh: FaceMesh,
    on_progress: Callable[[str], None] = lambda name: None,
) -> list[Master]:
    """Prepare all pictures of a folder of outlines, and write them into the weights.

    Args:
        curation: holds one ``NAME.json`` a picture.
        originals: folder of the pictures that those name.
        weights: gets ``masters/`` and its entry in the manifest.
        detector: finds faces.
        mesh: measures them.
        on_progress: called with each name before it is prepared.

    Returns:
        The pictures, in the order of their names.

    Raises:
        ConfigError: there are no outlines, or some cannot be used.
        ImageError: a picture cannot be read, or a file not written.
    """
    found = [read_curation(path) for path in sorted(curation.glob("*.json"))]
    if not found:
        raise ConfigError(f"{curation}: holds no outlines of pictures (NAME.json).")
    masters = []
    for one in found:
        on_progress(one.name)
        masters.append(prepare(read_image(originals / one.file).pixels, one, detector, mesh))
    write_masters(weights, masters, curation)
    return masters


def write_masters(weights: Path, masters: Sequence[Master], curation: Path) -> None:
    """Write pictures and what they were made from into the weights, in place of those there.

    Args:
        weights: folder with a manifest.
        masters: the pictures.
        curation: folder of the outlines, of which a copy is kept.

    Raises:
        ImageError: a file cannot be written.
    """
    folder = weights / MASTERS_FOLDER
    kept = {f"{master.name}.json": (curation / f"{master.name}.json").read_bytes() for master in masters}
    write_library(folder, masters)
    make_folder(folder / CURATION_FOLDER)
    for name, data in kept.items():
        write_atomically(folder / CURATION_FOLDER / name, data)
    _remove_others(folder, masters)
    path = weights / MANIFEST_NAME
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["masters"] = {INDEX_NAME: {"sha256": hashlib.sha256((folder / INDEX_NAME).read_bytes()).hexdigest()}}
    write_atomically(path, (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode())


def _remove_others(folder: Path, masters: Sequence[Master]) -> None:
    """Take away the files of pictures that are in the list no more."""
    names = {master.name for master in masters}
    for path in [*folder.glob("*.jpg"), *folder.glob("*.masks.png"), *(folder / CURATION_FOLDER).glob("*.json")]:
        if path.name.split(".")[0] not in names:
            path.unlink()
