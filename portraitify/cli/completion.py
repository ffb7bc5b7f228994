"""``portraitify completion SHELL``: completion for the shells that people use."""

from __future__ import annotations

import click

from portraitify.cli.options import debug_option

_VARIABLE = "_PORTRAITIFY_COMPLETE"
_SHELLS = ("bash", "zsh", "fish")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("shell", type=click.Choice(_SHELLS))
@debug_option
def completion(shell: str) -> None:
    """Print the script that completes commands, options and styles in SHELL.

    \b
      bash   eval "$(portraitify completion bash)"        in ~/.bashrc
      zsh    eval "$(portraitify completion zsh)"         in ~/.zshrc
      fish   portraitify completion fish > ~/.config/fish/completions/portraitify.fish
    """
    from click.shell_completion import get_completion_class

    from portraitify.cli.main import cli

    maker = get_completion_class(shell)
    assert maker is not None
    script = maker(cli, {}, "portraitify", _VARIABLE)
    # Filled in here and not by source(), which for bash starts a bash to learn its version.
    click.echo(script.source_template % script.source_vars())
