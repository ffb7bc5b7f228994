"""What the tests of this folder share."""

from __future__ import annotations

import pytest

from portraitify.config import PaintConfig
from portraitify.engines.select import open_engine
from portraitify.weights import WeightsFolder, default_folder


@pytest.fixture(scope="module")
def engine():
    """The shipped networks."""
    opened = open_engine(WeightsFolder(default_folder()), PaintConfig())
    yield opened
    opened.close()
