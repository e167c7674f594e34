"""`loadstream completion`: the script that lets a shell complete commands, options and codes."""

from __future__ import annotations

import click

_SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_LOADSTREAM_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script for a shell.

    \b
    bash, in ~/.bashrc:  eval "$(loadstream completion bash)"
    zsh, in ~/.zshrc:    eval "$(loadstream completion zsh)"
    fish:                loadstream completion fish > ~/.config/fish/completions/loadstream.fish

    Commands, options, rule codes and the topics of explain are completed then.
    """
    from click.shell_completion import get_completion_class

    of_shell = get_completion_class(shell)
    assert of_shell is not None
    script = of_shell(ctx.find_root().command, {}, "loadstream", _VARIABLE)
    # Not .source(): for bash, that would start one to ask for its version.
    click.echo(script.source_template % script.source_vars(), nl=False)
    return 0
