"""Commands that need an extra, and say so before they begin."""

from __future__ import annotations

from typing import Any

import click

from portraitify.cli.train_options import DebugGroup
from portraitify.extras import require_extra


class ExtraCommand(click.Command):
    """A command that asks for an extra when it runs; its help needs none.

    Attributes:
        extra: name of the extra.
    """

    extra: str

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        Raises:
            ConfigError: the extra is not installed; exit code 2.
        """
        require_extra(self.extra)
        return super().invoke(ctx)


class TrainCommand(ExtraCommand):
    """One of ``portraitify train``."""

    extra = "train"


class TrainGroup(DebugGroup):
    """``portraitify train``."""

    command_class = TrainCommand
