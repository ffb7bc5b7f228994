"""Watercolor: soft glazes, uneven pigment, lights of bare paper, and a sheet of its own for each sitter."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from portraitify.media.scene import Scene
from portraitify.media.surfaces.blooms import Blooms, RunOut
from portraitify.media.surfaces.pigment import Darks
from portraitify.media.surfaces.sheet import GroundWash
from portraitify.media.surfaces.washes import Glazes, Lights
from portraitify.media.watercolor import WatercolorSurface

SIDE = 128
LANDMARKS = np.array([[[48, 54], [80, 54], [64, 70], [51, 86], [77, 86.0]]])


def scene(skin: float, radius_px: int = 30, seed: int = 3) -> Scene:
    """A round head before a light background, its brightness rising by 0.2 from left to right; in 0 to 1."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.circle(mask, (64, 64), radius_px, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 1)
    head = skin + 0.2 * (np.arange(SIDE, dtype=np.float32) / SIDE - 0.5)
    painting = cv2.merge([255 * (mask * head + (1 - mask) * 0.8).astype(np.float32)] * 3)
    plain = painting.astype(np.uint8)
    return Scene(painting, mask, LANDMARKS, plain, seed, photo=plain)


def ramp(slope: float) -> np.ndarray:
    return np.tile(np.float32(0.3) + np.float32(slope) * np.arange(SIDE, dtype=np.float32), (8, 1))


@pytest.mark.parametrize("slope", [0.004, 0.02])
@pytest.mark.parametrize("face", [0.0, 1.0])
def test_glazes_follow_the_tone_without_hard_steps(slope, face):
    glazes, nowhere = Glazes(), np.zeros((8, SIDE), np.float32)
    luma, skin = ramp(slope) / (1 + slope * SIDE), nowhere + np.float32(face)
    level = glazes.level(luma, skin, nowhere)
    added, _ = glazes.added(level, glazes.reach(level), skin)
    tone = (luma + added)[4]
    assert abs(float(added.mean())) < 0.02
    assert float(np.diff(tone).min()) > 0
    assert float(np.diff(tone).max()) < 0.05


def test_borders_in_faces_are_lost_as_the_water_flows_and_stay_elsewhere():
    glazes, nowhere = Glazes(), np.zeros((8, SIDE), np.float32)
    everywhere = nowhere + 1
    luma = ramp(0.004) / (1 + 0.004 * SIDE)

    def steepest(face: np.ndarray, flow: np.ndarray) -> float:
        level = glazes.level(luma, face, nowhere)
        added, _ = glazes.added(level, glazes.found(glazes.reach(level), face, flow), face)
        return float(np.diff((luma + added)[4]).max())

    assert steepest(everywhere, nowhere - 2) > 4 * steepest(everywhere, nowhere + 2)
    assert steepest(nowhere, nowhere - 2) == steepest(nowhere, nowhere + 2)


def test_pigment_lies_evenly_on_skin_and_unevenly_in_darks_and_ground():
    sitter, surface = scene(0.35), WatercolorSurface()
    free = surface.pigment.freedom(sitter.luma, sitter.face, sitter.subject_mask)
    inside, ground = sitter.face > 0.9, sitter.subject_mask < 0.1
    assert free[inside].max() < 0.9 * free[ground].min()


def test_darks_are_no_black_but_keep_their_hue_and_skin_and_lights_stay():
    nowhere = np.zeros((4, 4), np.float32)
    colours = np.tile(np.float32([0.10, 0.05, 0.03]), (4, 4, 1))
    lifted = Darks().lifted(colours, nowhere, nowhere)
    assert lifted.mean() > colours.mean() + 0.06
    assert lifted[0, 0, 0] > lifted[0, 0, 1] > lifted[0, 0, 2]
    assert Darks().lifted(colours, nowhere, nowhere + 1).mean() > lifted.mean() + 0.03
    assert np.array_equal(Darks().lifted(colours, nowhere + 1, nowhere), colours)
    light = np.full((4, 4, 3), 0.7, np.float32)
    assert np.array_equal(Darks().lifted(light, nowhere, nowhere), light)


def test_blacks_part_into_brown_and_blue_and_show_little_grain():
    nowhere, darks = np.zeros((4, 4), np.float32), Darks()
    black = np.full((4, 4, 3), 0.04, np.float32)
    thin, thick = (darks.lifted(black, nowhere, nowhere + flow)[0, 0] for flow in (1.5, -0.5))
    assert thin[0] > 1.1 * thin[2]
    assert thick[2] > 1.03 * thick[0]
    brown = np.tile(np.float32([0.10, 0.04, 0.01]), (4, 4, 1))
    thin, thick = (darks.lifted(brown, nowhere, nowhere + flow)[0, 0] for flow in (1.5, 0))
    assert thin[0] / thin[2] == pytest.approx(thick[0] / thick[2], rel=0.3)
    assert darks.grain(nowhere + 0.02, nowhere + 1).max() < 0.5
    assert darks.grain(nowhere + 0.02, nowhere).min() == darks.grain(nowhere + 0.7, nowhere + 1).min() == 1


def test_blooms_are_paler_inside_and_darker_at_their_border():
    added = Blooms().density(scene(0.7))
    assert added.min() < -0.1
    assert added.max() > 0.05
    assert np.abs(added - Blooms().density(scene(0.7, seed=4))).max() > 0.1


@pytest.mark.parametrize(("landmarks", "runs_out"), [(LANDMARKS + np.array([0, 20.0]), False), (LANDMARKS * 0.6, True)])
def test_washes_run_out_only_where_there_is_room_below_the_chin(landmarks, runs_out):
    sitter = replace(scene(0.7), landmarks=landmarks)
    flow = np.zeros((SIDE, SIDE), np.float32)
    out = RunOut().plan(sitter, flow, flow)
    assert (out[-1].max() > 0.3) == runs_out
    assert out[: SIDE // 2].max() == 0


def test_pale_faces_leave_the_paper_bare_and_dark_ones_do_not():
    shown = []
    for skin in (0.75, 0.3):
        sitter = scene(skin)
        colour = sitter.painting / 255
        above, share = Lights().plan(sitter, sitter.face, sitter.luma, colour)
        bare = share * Lights().bare(above, np.full_like(above, 100), sitter.face)
        shown.append(float(bare[sitter.face > 0.5].mean()))
    assert shown[0] > 0.05
    assert shown[1] < 0.02


def bare_ground(sitter: Scene) -> np.ndarray:
    wash = GroundWash()
    return wash.bare(*wash.border(sitter))[sitter.subject_mask < 0.1]


def test_sheets_of_other_sitters_and_seeds_have_other_borders():
    sheets = [scene(0.7, 30), scene(0.6, 30), scene(0.7, 33), scene(0.7, 30, seed=4), scene(0.5, 27, seed=5)]
    shares = [float(bare_ground(sheet).mean()) for sheet in sheets]
    assert len({round(share, 2) for share in shares}) >= 4


def test_what_engines_differ_by_moves_no_border():
    sitter = scene(0.7)
    other = replace(sitter, painting=sitter.painting + 0.005, subject_mask=np.clip(sitter.subject_mask - 1e-5, 0, 1))
    assert np.abs(bare_ground(other) - bare_ground(sitter)).mean() < 0.002


def test_no_sitter_is_cut_by_the_edge_of_a_wash():
    sitter = scene(0.35)
    painted = WatercolorSurface().plan(sitter)(0, SIDE)
    inside = sitter.subject_mask > 0.9
    assert np.quantile(painted[inside].max(-1), 0.99) < 190
