"""`completion`: the script that has a shell complete commands and names."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from reconciler.cli.main import COMPLETE
from reconciler.errors import Exit

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """Print the script that completes commands, options, tenants and addresses in SHELL."""
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"This click has no completion for {shell}.")
    # The class for bash would start bash to see its version; the script is the same for all.
    click.echo(ShellComplete.source(made(ctx.find_root().command, {}, "reconciler", COMPLETE)))
    return Exit.DONE
