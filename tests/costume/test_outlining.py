"""Pictures of one's own: outlined by the networks, or refused in a sentence."""

import cv2
import numpy as np
import pytest

from portraitify.config import PaintConfig
from portraitify.costume.master import Credits, Traits
from portraitify.costume.outlining import outline
from portraitify.costume.preparation import prepare
from portraitify.engines.select import open_engine
from portraitify.errors import FaceError, NoFaceError
from portraitify.weights import WeightsFolder, default_folder

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def engine():
    engine = open_engine(WeightsFolder(default_folder()), PaintConfig(device="cpu"))
    yield engine
    engine.close()


def outlined(engine, image):
    networks = (engine.detector, engine.face_mesh, engine.subject_mask)
    return outline(image, "mine", "oil", Credits("", "mine"), Traits("a suit"), networks)


def test_a_head_is_found_and_gone_from_the_plate(engine, astronaut):
    curation = outlined(engine, astronaut).curation
    master = prepare(astronaut, curation, engine.detector, engine.face_mesh)
    x, y = master.mesh[:, :2].mean(0).astype(int)
    assert master.masks.head[y, x] == 255
    assert master.masks.body[-3, x] == 255
    face = np.s_[y - 20 : y + 20, x - 20 : x + 20]
    assert np.abs(master.plate[face].astype(int) - master.picture[face]).mean() > 20
    assert (master.plate[-20:] == master.picture[-20:]).all()


def test_no_face_is_refused(engine):
    with pytest.raises(NoFaceError, match="no face was found"):
        outlined(engine, np.full((200, 160, 3), 90, np.uint8))


def test_a_picture_without_shoulders_is_refused(engine, astronaut):
    with pytest.raises(FaceError, match="no shoulders"):
        outlined(engine, np.ascontiguousarray(astronaut[:210]))


def test_the_head_is_outlined_and_not_the_flag_behind_it(engine, astronaut):
    curation = outlined(engine, astronaut).curation
    (head,) = (line.astype(np.float32) for line in curation.outlines["head"])
    assert cv2.pointPolygonTest(head, (224.0, 30.0), False) > 0, "hair above the forehead"
    assert cv2.pointPolygonTest(head, (90.0, 120.0), False) < 0, "flag"
    assert cv2.pointPolygonTest(head, (330.0, 100.0), False) < 0, "wall"


def test_a_second_person_is_told(engine, astronaut):
    pair = np.hstack([astronaut[:400, 100:310], astronaut[:400, 130:380]])
    flaws = outlined(engine, pair).flaws
    assert any(flaw.of_face and "more than one person" in flaw.words for flaw in flaws)
