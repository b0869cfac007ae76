"""The commands, loaded when they are called, and how whatever stops one becomes an exit status."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import click

from reconciler import __version__
from reconciler.cli.examples import give_examples
from reconciler.cli.stops import PIPE_CLOSED, PipeClosed, Unwritten, forget_stdout, reason
from reconciler.errors import Exit, ReconcilerError, worst

SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Author": {
        "init": "init",
        "validate": "check",
        "fmt": "fmt",
        "fix": "fix",
        "explain": "explain",
        "schema": "explain",
    },
    "Review": {"plan": "plan", "show": "show"},
    "Run": {
        "apply": "apply",
        "resume": "apply",
        "locks": "locks",
        "unlock": "locks",
        "runs": "runs",
        "quarantine": "numbers",
    },
    "Watch": {"drift": "drift"},
    "Supply": {
        "numbers": "numbers",
        "connectors": "connectors",
        "ports": "ports",
        "billing": "billing",
    },
    "Secrets": {"secrets": "secrets"},
    "Store": {"store": "store"},
    "Server": {"sandbox": "sandbox"},
    "Help": {"doctor": "doctor", "config": "config", "completion": "completion"},
}
"""Every command, by section: its name and the module of `reconciler.cli` that has it."""

SHORT_HELP: Mapping[str, str] = {
    "init": "Make a project here, or in a folder.",
    "fmt": "Give files their form; keep comments and meaning.",
    "fix": "Mend what has one certain remedy.",
    "validate": "Check the tenants. Needs no credentials.",
    "explain": "Explain a code such as TEL201, or a field such as number.to.",
    "schema": "Print the JSON Schema of a file or of a report.",
    "plan": "Show what would change. Changes nothing.",
    "show": "Show a saved plan.",
    "apply": "Make it so: a saved plan, or what plan would show.",
    "resume": "Go on with a run that did not finish.",
    "locks": "List who is working on what.",
    "unlock": "Free one lock that was looked at.",
    "runs": "List runs, show one, settle what nobody knows.",
    "quarantine": "List numbers that wait for their release.",
    "drift": "Find what was changed behind git's back. Changes nothing.",
    "numbers": "List numbers, find and pick new ones, load the pool.",
    "connectors": "List carrier accounts, test them, see what is on them.",
    "ports": "List port-ins, and how far each has come.",
    "billing": "Show what tenants cost at carriers, by month.",
    "secrets": "Make keys, seal values, change to a new key.",
    "store": "Back up, restore, migrate or check the database.",
    "sandbox": "A carrier on this machine, to try things on.",
    "doctor": "Check this machine, the project and its store.",
    "config": "Show the settings that hold, and who says so.",
    "completion": "Print what completes commands and names in a shell.",
}


COMPLETE = "_RECONCILER_COMPLETE"
"""Set by a shell that asks what may follow."""


@dataclass
class Context:
    """What every command is given.

    Attributes:
        environment: The process environment.
        directory: Where the command was started, or what `--project` says.
        clock: Time, passed in by whoever runs a command; None for the machine's.
    """

    environment: Mapping[str, str]
    directory: Path
    clock: Any = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Flags before the command that change settings, by their key."""
    outputs: tuple[Any, ...] = ()
    """The reports that were asked for, as `cli.options.Output`; none before that is known."""
    redact: Callable[[str], str] = str
    """Takes every secret that was resolved out of a text: the last line of defence."""


class Commands(click.Group):
    """A group that loads a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the help."""
        del ctx
        return [name for section in SECTIONS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command; for completion only its form, which loads nothing."""
        if COMPLETE in getattr(getattr(ctx, "obj", None), "environment", ()):
            from reconciler.cli.complete import command_of  # noqa: PLC0415 - for completion only

            return command_of(cmd_name)
        for section in SECTIONS.values():
            if cmd_name in section:
                module = importlib.import_module(f"reconciler.cli.{section[cmd_name]}")
                found: click.Command = getattr(module, cmd_name)
                give_examples(found, cmd_name)
                return found
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section, without loading any."""
        del ctx
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name, SHORT_HELP[name]) for name in commands])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may be meant."""
        if args and args[0] not in self.list_commands(ctx):
            import difflib  # noqa: PLC0415 - for a typing mistake only

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f' Did you mean "{near[0]}"?' if near else ""
            ctx.fail(f'There is no command "{args[0]}".{hint}')
        return super().resolve_command(ctx, args)


EPILOG = """\b
  reconciler plan                        what would change, for callers and for the bill
  reconciler plan --out plan.json        the same, saved
  reconciler apply plan.json             do exactly that
"""


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)
@click.option(
    "--project",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder to start from instead of this one.",
)
@click.option("--platform-url", metavar="URL", help="The platform's database.")
@click.option("--ledger-url", metavar="URL", help="The ledger's database, or `same`.")
@click.version_option(__version__, prog_name="reconciler")
@click.pass_context
def commands(
    ctx: click.Context, project: Path | None, platform_url: str | None, ledger_url: str | None
) -> None:
    """Keep telephone tenants the way git says they are."""
    if project is not None:
        ctx.obj.directory = (ctx.obj.directory / project).resolve()
    given = {"platform.url": platform_url, "ledger.url": ledger_url}
    ctx.obj.overrides = {key: value for key, value in given.items() if value}
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(
    arguments: list[str],
    environment: Mapping[str, str],
    directory: Path | None = None,
    clock: Any = None,
) -> int:
    """Run one command.

    Args:
        arguments: What stands after the program's name.
        environment: The process environment.
        directory: Where to start; None for the present folder.
        clock: A `protocols.Clock`; None for the machine's. No flag and no variable sets it.

    Returns:
        Its exit status. Bad input ends in a sentence on stderr, never in a traceback.
    """
    context = Context(environment, directory or Path.cwd(), clock)
    for stream in (sys.stdout, sys.stderr):
        _write_anything(stream)
    try:
        status = _ended(arguments, context)
    except BrokenPipeError:  # while it was told what went wrong
        forget_stdout()
        status = PIPE_CLOSED
    return _flushed(int(status or 0))


def _ended(arguments: list[str], context: Context) -> Any:
    """Run one command, and tell whatever stopped it; its exit status."""
    try:
        return commands.main(
            args=arguments, prog_name="reconciler", standalone_mode=False, obj=context
        )
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return Exit.INTERRUPTED
    except ReconcilerError as error:
        return _stopped(error, context)
    except PipeClosed as closed:
        forget_stdout()
        return closed.status
    except SystemExit as ended:  # click ends so after completion, and when a pipe is closed
        # click wraps stdout in a class of this name, which 8.5 made private.
        cut = type(sys.stdout).__name__.endswith("PacifyFlushWrapper")
        return PIPE_CLOSED if cut else ended.code
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback, no locals
        return _stdout_is_full(error) or _unexpected(error)


def _write_anything(stream: TextIO | None) -> None:
    """Have what the encoding of a stream lacks written as an escape, never as a traceback."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _stdout_is_full(error: Exception) -> int:
    """The status where it was stdout that took no more, as click wrote to it; else nought."""
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    of_click = where is not None and where.tb_frame.f_globals.get("__name__") == "click.utils"
    if not (isinstance(error, OSError) and of_click):
        return 0
    forget_stdout()
    click.echo(f"error: Standard output cannot be written: {reason(error)}.", err=True)
    return int(Exit.UNAVAILABLE)


def _flushed(status: int) -> int:
    """Write out what is still in memory; a disk that is full is told like any other trouble."""
    if sys.stdout is None:
        return status
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        forget_stdout()
        return status or PIPE_CLOSED
    except OSError as error:
        forget_stdout()
        click.echo(f"error: Standard output cannot be written: {reason(error)}.", err=True)
        return status or int(worst((Exit.UNAVAILABLE,)))
    return status


def _stopped(error: ReconcilerError, context: Context) -> int:
    """Tell why a command stopped: on stderr, and wherever a report was asked for."""
    from reconciler.cli.failed import tell_failure  # noqa: PLC0415 - for errors only

    if isinstance(error, Unwritten):
        click.echo(context.redact(f"error: {error}"), err=True)
    else:
        tell_failure(error, context)
    return int(error.exit_code)


def _unexpected(error: Exception) -> Exit:
    """Say that this is our fault, and where, without a value of anything."""
    where: Any = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    at = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else "?"
    click.echo(
        f"error: this should not have happened: {type(error).__name__} at {at}.\n"
        "  hint: nothing more was done. Please report it with the command that you ran.",
        err=True,
    )
    return Exit.UNEXPECTED
