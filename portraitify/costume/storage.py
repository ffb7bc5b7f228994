"""Writing a folder of masters' pictures that :class:`portraitify.costume.library.MasterLibrary` reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from portraitify.costume.library import INDEX_NAME, LIBRARY_VERSION, MASK_SHRINK, MASKS, MESHES_NAME
from portraitify.costume.master import Master
from portraitify.io.files import make_folder, write_atomically

JPEG_QUALITY = 80
# Steps of grey in the masks' file: finer ones are not seen, and cost bytes.
_STEPS = 16
# Difference of plate and picture, in steps of 255, that counts as a change, and how far beyond it the plate is kept,
# pixels: JPEG's blocks end there.
_CHANGE, _RIM_PX = 1, 16
# What counts as changed reaches around each change, so that the coarser grid of the masks cuts off none.
_AROUND_PX = 7


def write_library(folder: Path, masters: Sequence[Master]) -> None:
    """Write pictures and their list; the list comes last.

    Args:
        folder: is made if it is not there.
        masters: in the order of the list.

    Raises:
        ImageError: a file cannot be written.
    """
    from safetensors.numpy import save

    make_folder(folder)
    records = []
    for master in masters:
        files, box = _encoded(master)
        for name, data in files.items():
            write_atomically(folder / name, data)
        records.append(_record(master, {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}, box))
    meshes = save({master.name: master.mesh.astype(np.float32) for master in masters})
    write_atomically(folder / MESHES_NAME, meshes)
    index = {"version": LIBRARY_VERSION, "meshes": hashlib.sha256(meshes).hexdigest(), "masters": records}
    write_atomically(folder / INDEX_NAME, (json.dumps(index, indent=1, ensure_ascii=False) + "\n").encode())


def _record(master: Master, files: dict[str, str], box: Sequence[int]) -> dict[str, Any]:
    height, width = master.plate.shape[:2]
    return {
        "name": master.name,
        "style": master.style,
        "credits": asdict(master.credits),
        "traits": asdict(master.traits),
        "light": np.round(master.light, 4).tolist(),
        "pose": {name: round(value, 2) for name, value in asdict(master.pose).items()},
        "size": [width, height],
        "box": list(box),
        "files": files,
        **({"warnings": list(master.warnings)} if master.warnings else {}),
    }


def _encoded(master: Master) -> tuple[dict[str, bytes], Sequence[int]]:
    """The files of a picture by name, and the box in which its plate is another."""
    difference = np.abs(master.plate.astype(np.int16) - master.picture).max(2) > _CHANGE
    changed = cv2.dilate(difference.astype(np.uint8) * 255, np.ones((_AROUND_PX, _AROUND_PX), np.uint8))
    box = _box_of(changed)
    left, top, right, bottom = box
    masks = [*(getattr(master.masks, name) for name in MASKS[:-1]), changed]
    size = [-(-length // MASK_SHRINK) for length in changed.shape[::-1]]
    stacked = np.concatenate([cv2.resize(mask, size, interpolation=cv2.INTER_AREA) for mask in masks])
    stacked = stacked.astype(np.float32)
    stacked = np.rint(np.rint(stacked * ((_STEPS - 1) / 255)) * (255 / (_STEPS - 1))).astype(np.uint8)
    files = {
        f"{master.name}.jpg": _jpeg(master.picture),
        f"{master.name}.plate.jpg": _jpeg(master.plate[top:bottom, left:right]),
        f"{master.name}.masks.png": cv2.imencode(".png", stacked, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes(),
    }
    return files, box


def _box_of(changed: np.ndarray) -> tuple[int, int, int, int]:
    height, width = changed.shape
    left, top, wide, high = cv2.boundingRect(changed)
    return (
        max(left - _RIM_PX, 0),
        max(top - _RIM_PX, 0),
        max(min(left + wide + _RIM_PX, width), 1),
        max(min(top + high + _RIM_PX, height), 1),
    )


def _jpeg(pixels: np.ndarray) -> bytes:
    bgr = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes())
