"""TIFF files by hand: the kinds that scanners and laboratories write and Pillow does not."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import numpy as np


def make_tiff(
    values: np.ndarray,
    *,
    order: str = "<",
    planar: bool = False,
    tile: int = 0,
    predictor: int = 1,
    deflate: bool = False,
    rows_per_strip: int = 0,
    tags: Mapping[int, tuple[int, ...]] | None = None,
) -> bytes:
    """Write an array as a TIFF file (TIFF 6.0, sections 2, 14 and 15).

    Args:
        values: ``(H, W)`` or ``(H, W, C)`` of unsigned integers or floating point; four channels
            have straight alpha.
        order: of the bytes, ``<`` or ``>``.
        planar: one plane a channel, not one pixel after the other.
        tile: side of square tiles, a multiple of 16; strips otherwise.
        predictor: 2 stores differences along the rows.
        deflate: compress.
        rows_per_strip: all of them by default.
        tags: further ones, of type SHORT, or other values for those that are written anyhow.
    """
    samples = values.reshape(*values.shape[:2], -1)
    height, width, channels = samples.shape
    bits = 8 * samples.dtype.itemsize
    rows = rows_per_strip or height
    planes = [samples[..., [number]] for number in range(channels)] if planar else [samples]
    if tile:
        pieces = [piece for plane in planes for piece in _tiles(plane, tile)]
    else:
        pieces = [plane[top : top + rows] for plane in planes for top in range(0, height, rows)]
    parts = [_encoded(piece, order, predictor, deflate) for piece in pieces]
    offsets = [8 + sum(len(part) for part in parts[:number]) for number in range(len(parts))]
    entries: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (3, (width,)),
        257: (3, (height,)),
        258: (3, (bits,) * channels),
        259: (3, (8 if deflate else 1,)),
        262: (3, (2 if channels > 2 else 1,)),
        277: (3, (channels,)),
        284: (3, (2 if planar else 1,)),
    }
    if tile:
        entries |= {322: (3, (tile,)), 323: (3, (tile,))}
    else:
        entries |= {278: (3, (rows,))}
    entries[324 if tile else 273] = (4, tuple(offsets))
    entries[325 if tile else 279] = (4, tuple(len(part) for part in parts))
    if predictor != 1:
        entries[317] = (3, (predictor,))
    if channels in (2, 4):
        entries[338] = (3, (2,))
    if samples.dtype.kind == "f":
        entries[339] = (3, (3,) * channels)
    entries |= {tag: (3, given) for tag, given in (tags or {}).items()}
    return _file(b"".join(parts), entries, order)


def _tiles(plane: np.ndarray, side: int) -> list[np.ndarray]:
    height, width = plane.shape[:2]
    padded = np.pad(plane, ((0, -height % side), (0, -width % side), (0, 0)))
    return [
        padded[top : top + side, left : left + side]
        for top in range(0, padded.shape[0], side)
        for left in range(0, padded.shape[1], side)
    ]


def _encoded(piece: np.ndarray, order: str, predictor: int, deflate: bool) -> bytes:
    if predictor == 2:
        piece = np.concatenate([piece[:, :1], np.diff(piece, axis=1)], axis=1)
    data = piece.astype(piece.dtype.newbyteorder(order)).tobytes()
    return zlib.compress(data) if deflate else data


def _file(body: bytes, entries: Mapping[int, tuple[int, tuple[int, ...]]], order: str) -> bytes:
    body += b"\0" * (len(body) % 2)
    start = 8 + len(body)
    beyond, directory = b"", struct.pack(f"{order}H", len(entries))
    for tag, (kind, given) in sorted(entries.items()):
        packed = struct.pack(f"{order}{len(given)}{'H' if kind == 3 else 'I'}", *given)
        if len(packed) > 4:
            place = start + 2 + 12 * len(entries) + 4 + len(beyond)
            beyond += packed
            packed = struct.pack(f"{order}I", place)
        directory += struct.pack(f"{order}HHI", tag, kind, len(given)) + packed.ljust(4, b"\0")
    mark = b"II" if order == "<" else b"MM"
    return mark + struct.pack(f"{order}HI", 42, start) + body + directory + b"\0\0\0\0" + beyond
