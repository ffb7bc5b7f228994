"""A master's picture as a mirror shows it."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from portraitify.costume.library import MasterLibrary
from portraitify.costume.master import Master, MasterMasks
from portraitify.faces.mesh_mirror import mirrored_mesh


def mirrored(master: Master) -> Master:
    """The same picture with left and right exchanged, light and geometry too."""
    masks = {field.name: _flipped(getattr(master.masks, field.name)) for field in fields(MasterMasks)}
    return replace(
        master,
        mesh=mirrored_mesh(master.mesh, master.plate.shape[1]),
        light=master.light * [-1, 1],
        plate=_flipped(master.plate),
        picture=_flipped(master.picture),
        masks=MasterMasks(**masks),
    )


def load_master(library: MasterLibrary, name: str, as_mirrored: bool) -> Master:
    """A picture of a library as it is, or as a mirror shows it; raises what :meth:`MasterLibrary.load` raises."""
    master = library.load(name)
    return mirrored(master) if as_mirrored else master


def _flipped(pixels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(pixels[:, ::-1])
