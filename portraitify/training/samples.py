"""Contact sheets of held-out sitters in all styles, to look at while training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image

from portraitify.data.batches import WHOLE, PreparedData, stack_views
from portraitify.data.sources import PHOTOS
from portraitify.media.registry import STYLES, medium_of
from portraitify.painting.preprocessing import preprocess

if TYPE_CHECKING:
    from portraitify.training.loop import Trainer

SHEET_SITTERS = 6
REFERENCES_PER_STYLE = 2
TILE_PX = 384
# As the photos for this style are made ready, so are those of the sheet for all.
SHEET_STYLE = "oil"
# Crops as loose as those that the product cuts where the photo allows.
MAX_IOD = 0.26


def save_sample_sheet(trainer: Trainer, path: Path) -> None:
    """Paint held-out sitters after paintings of each style.

    The first row shows the paintings whose style codes are used, the first column
    the photos as they were preprocessed.

    Args:
        trainer: whose averaged networks paint.
        path: PNG to write.
    """
    data, state = trainer.data, trainer.state
    sitters = held_out_sitters(data, SHEET_SITTERS)
    references = np.concatenate([_spread(data.rows(style, "train"), REFERENCES_PER_STYLE) for style in STYLES])
    styles = torch.arange(len(STYLES)).repeat_interleave(REFERENCES_PER_STYLE)
    photos = [data.view(int(row), WHOLE, False, TILE_PX)[:2] for row in sitters]
    heads = [data.view(int(row), WHOLE, False, TILE_PX)[0] for row in references]
    with torch.no_grad():
        style_codes = state.style_encoder_ema(trainer.statistics[references], styles.to(trainer.device))
        noise = torch.randn(1, 1, TILE_PX // 2, TILE_PX // 2, generator=torch.Generator().manual_seed(0))
        noise = noise.to(trainer.device)
        rows = [np.concatenate([np.full_like(heads[0], 255), *heads], 1)]
        settings = medium_of(SHEET_STYLE).preprocessing
        for photo, masks in photos:
            preprocessed = preprocess(photo, masks[..., 0], TILE_PX, settings)
            many = stack_views([(preprocessed, masks)] * len(style_codes), trainer.device)
            painted = state.generator_ema(many.image, many.subject_mask, style_codes, noise)
            rows.append(np.concatenate([preprocessed, *(to_uint8(image) for image in painted)], 1))
    Image.fromarray(np.concatenate(rows)).save(path)


def held_out_sitters(data: PreparedData, count: int) -> np.ndarray:
    """Rows of held-out photos, loosely cropped ones if there are any; always the same ones."""
    rows = data.rows(PHOTOS, "held-out")
    loose = rows[np.array([data.records[row]["iod"] < MAX_IOD for row in rows], bool)]
    return _spread(loose if len(loose) else rows, count)


def to_uint8(image: torch.Tensor) -> np.ndarray:
    """``(3, H, W)`` in -1 to 1 to ``(H, W, 3)`` uint8."""
    return ((image.clamp(-1, 1) + 1) * 127.5 + 0.5).byte().permute(1, 2, 0).cpu().numpy()


def _spread(rows: np.ndarray, count: int) -> np.ndarray:
    """Rows at even distances, always the same for the same data."""
    chosen: np.ndarray = rows[np.linspace(0, len(rows) - 1, min(count, len(rows)) + 2).round().astype(int)[1:-1]]
    return chosen
