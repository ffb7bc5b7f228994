"""Prepared data and frozen networks in one small file, for training on a machine that has neither.

Pictures lie in it as WebP in the size that they have by themselves: what was
enlarged when they were prepared is enlarged again where it is unpacked.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from portraitify.data.batches import PreparedData
from portraitify.errors import ConfigError, ImageError
from portraitify.training.samples import SHEET_SITTERS, held_out_sitters

# Qualities of WebP to choose from, the best first; under the last brushwork is gone.
_QUALITIES = (90, 80, 70, 60, 50, 40, 30)
# Pictures by which the size of all is foretold, and what may be missing from that, in parts of it.
_SAMPLE, _RESERVE = 96, 0.04
# Outlines are soft; at this side, and this quality, they are off by less than a pixel of the crop.
_MASK_PX, _MASK_QUALITY = 144, 75
_RECORDS, _FORMAT = "records.jsonl", "pack.json"


@dataclass(frozen=True)
class PackReport:
    """What went into a pack.

    Attributes:
        pictures: how many.
        quality: of their WebP, 1 to 100.
        bytes: of the whole file.
    """

    pictures: int
    quality: int
    bytes: int


def pack(
    data: PreparedData,
    networks: Mapping[str, nn.Module],
    path: Path,
    most_bytes: int,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> PackReport:
    """Write pictures and networks as one file, with pictures as good as its size allows.

    Args:
        data: prepared pictures; of the held-out ones only the sitters of sample sheets are taken along.
        networks: by name; their state is kept in half precision.
        path: ``.zip`` to write.
        most_bytes: that it may take.
        on_progress: called with pictures done and in all.

    Raises:
        ConfigError: it cannot be made so small.
        ImageError: it cannot be written.
    """
    rows = [row for row, record in enumerate(data.records) if record["split"] == "train"]
    rows += held_out_sitters(data, SHEET_SITTERS).tolist()
    states = {
        name: save({key: _half(value) for key, value in network.state_dict().items()})
        for name, network in networks.items()
    }
    left = most_bytes - sum(map(len, states.values()))
    quality = _quality(data, rows, left)
    try:
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(_FORMAT, json.dumps({"size_px": int(data.images.shape[1])}))
            lines = "".join(json.dumps(data.records[row]) + "\n" for row in rows)
            file.writestr(_RECORDS, lines, zipfile.ZIP_DEFLATED)
            for name, state in states.items():
                file.writestr(f"networks/{name}.safetensors", state)
            for number, row in enumerate(rows):
                image, mask = _encoded(data, row, quality)
                file.writestr(f"images/{number}.webp", image)
                file.writestr(f"masks/{number}.webp", mask)
                on_progress(number + 1, len(rows))
    except OSError as error:
        raise ImageError(f"{path}: cannot be written ({error.strerror}).") from error
    return PackReport(len(rows), quality, path.stat().st_size)


def unpack(path: Path, folder: Path) -> dict[str, dict[str, Tensor]]:
    """Write a pack's pictures as prepared data, and give the states of its networks.

    Args:
        path: from :func:`pack`.
        folder: for :class:`portraitify.data.batches.PreparedData`; made if missing.

    Returns:
        For each network its tensors in single precision, by name.

    Raises:
        ConfigError: it is no pack, or damaged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(path) as file:
            size_px = int(json.loads(file.read(_FORMAT))["size_px"])
            lines = file.read(_RECORDS)
            count = lines.count(b"\n")
            shapes = {"images": (count, size_px, size_px, 3), "masks": (count, size_px, size_px, 2)}
            arrays = {
                name: np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.uint8, shape)
                for name, shape in shapes.items()
            }
            for number in range(count):
                arrays["images"][number] = _resized(_decoded(file.read(f"images/{number}.webp")), size_px)
                both = np.hsplit(_decoded(file.read(f"masks/{number}.webp"))[..., 0], 2)
                arrays["masks"][number] = np.dstack([_resized(mask, size_px) for mask in both])
            names = [name for name in file.namelist() if name.startswith("networks/")]
            states = {Path(name).stem: load(file.read(name)) for name in names}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, SafetensorError) as error:
        raise ConfigError(f"{path}: not a pack from `portraitify train pack`, or damaged ({error}).") from error
    for array in arrays.values():
        array.flush()
    (folder / _RECORDS).write_bytes(lines)
    return {name: {key: value.float() for key, value in state.items()} for name, state in states.items()}


def _half(value: Tensor) -> Tensor:
    return (value.half() if value.is_floating_point() else value).contiguous()


def _quality(data: PreparedData, rows: list[int], most_bytes: int) -> int:
    """The best quality at which the pictures take no more, foretold from some of them."""
    chosen = np.random.default_rng(0).permutation(rows)[:_SAMPLE].tolist()
    for quality in _QUALITIES:
        size = sum(len(part) for row in chosen for part in _encoded(data, row, quality))
        if size * len(rows) / max(len(chosen), 1) * (1 + _RESERVE) <= most_bytes:
            return quality
    raise ConfigError(f"{len(rows)} pictures do not fit into {most_bytes / 2**20:.0f} MiB beside the networks.")


def _encoded(data: PreparedData, row: int, quality: int) -> tuple[bytes, bytes]:
    """A picture and its two masks, beside one another, as WebP."""
    full = data.images.shape[1]
    native = min(int(data.records[row].get("native_px", full)), full)
    side = min(_MASK_PX, full)
    masks = np.hstack([_resized(np.ascontiguousarray(data.masks[row, ..., number]), side) for number in (0, 1)])
    return _webp(_resized(data.images[row], native), quality), _webp(masks, _MASK_QUALITY)


def _resized(image: np.ndarray, side: int) -> np.ndarray:
    """A square ``(s, s)`` or ``(s, s, 3)`` uint8 at another size."""
    method = cv2.INTER_AREA if side < image.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (side, side), interpolation=method))


def _webp(image: np.ndarray, quality: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "webp", quality=quality, method=4)
    return stream.getvalue()


def _decoded(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.array(image.convert("RGB"))
