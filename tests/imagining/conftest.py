"""What makes people up, shared by the tests."""

from __future__ import annotations

import pytest

from portraitify.imagining.imaginer import Imaginer
from portraitify.imagining.painted import open_imaginer
from portraitify.weights import WeightsFolder, default_folder


@pytest.fixture(scope="session")
def imaginer() -> Imaginer:
    return open_imaginer(WeightsFolder(default_folder()))
