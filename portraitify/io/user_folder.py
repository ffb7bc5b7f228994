"""Where what users add is kept."""

from __future__ import annotations

import os
from pathlib import Path


def user_folder(variable: str, name: str) -> Path:
    """The folder that an environment variable names, or one of that name in the usual folder for data of programs."""
    given = os.environ.get(variable)
    if given:
        return Path(given)
    # Wanted by few, and as slow to import as a twentieth of a small painting takes.
    from platformdirs import user_data_path

    return user_data_path("portraitify", appauthor=False, roaming=True) / name
