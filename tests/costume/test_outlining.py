"""Pictures of one's own: outlined by the networks, or refused in a sentence."""

import numpy as np
import pytest

from portraitify.config import PaintConfig
from portraitify.costume.master import Credits, Traits
from portraitify.costume.outlining import outline
from portraitify.costume.preparation import prepare
from portraitify.engines.select import open_engine
from portraitify.errors import ConfigError
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
    curation = outlined(engine, astronaut)
    master = prepare(astronaut, curation, engine.detector, engine.face_mesh)
    x, y = master.mesh[:, :2].mean(0).astype(int)
    assert master.masks.head[y, x] == 255
    assert master.masks.body[-3, x] == 255
    face = np.s_[y - 20 : y + 20, x - 20 : x + 20]
    assert np.abs(master.plate[face].astype(int) - master.picture[face]).mean() > 20
    assert (master.plate[-20:] == master.picture[-20:]).all()


def test_no_face_is_refused(engine):
    with pytest.raises(ConfigError, match="no face was found"):
        outlined(engine, np.full((200, 160, 3), 90, np.uint8))


def test_a_picture_without_shoulders_is_refused(engine, astronaut):
    with pytest.raises(ConfigError, match="no shoulders"):
        outlined(engine, np.ascontiguousarray(astronaut[:210]))
