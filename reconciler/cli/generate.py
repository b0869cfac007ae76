"""What is written into the package ahead of time, so that some commands need load nothing.

`explain CODE` reads its text from `generated/codes.json`, completion the form of all commands
from `generated/commands.json`. `python -m scripts.freshness` finds them out of date.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import click

from reconciler.cli.codes import CODES, DECIDED_BY, FIXED
from reconciler.cli.main import commands
from reconciler.cli.schemas import SCHEMAS
from reconciler.kinds import SECTIONS


def codes_text() -> str:
    """Write the text of ``generated/codes.json``: each code with all that `explain` says."""
    return _text({code: _code(code) for code in sorted(CODES)})


def _code(code: str) -> dict[str, Any]:
    summary, text = CODES[code]
    return {
        "summary": summary,
        "explanation": text,
        "decided_by": list(DECIDED_BY.get(code, ("validate",))),
        "fixed": FIXED.get(code, ""),
    }


def commands_text() -> str:
    """Write the text of ``generated/commands.json``: commands, sections of a tenant, schemas."""
    ctx = click.Context(commands)
    return _text(
        {
            "commands": {
                name: _command(command)
                for name in commands.list_commands(ctx)
                if (command := commands.get_command(ctx, name)) is not None
            },
            "sections": {section: cls.kind for section, cls in sorted(SECTIONS.items())},
            "schemas": sorted(SCHEMAS),
        }
    )


GENERATED: Mapping[str, Any] = MappingProxyType(
    {"codes.json": codes_text, "commands.json": commands_text}
)
"""Every file of `generated/`, with what writes its text."""


def _command(command: click.Command) -> dict[str, Any]:
    made: dict[str, Any] = {
        "help": command.get_short_help_str(80),
        "params": [_parameter(parameter) for parameter in command.params],
    }
    if isinstance(command, click.Group):
        inner = command.commands
        made["commands"] = {name: _command(inner[name]) for name in sorted(inner)}
    return made


def _parameter(parameter: click.Parameter) -> dict[str, Any]:
    made: dict[str, Any] = {"name": parameter.name, "nargs": parameter.nargs}
    if isinstance(parameter, click.Option):
        made["opts"] = [*parameter.opts, *parameter.secondary_opts]
        made["flag"] = parameter.is_flag
        made["multiple"] = parameter.multiple
        made["help"] = parameter.help or ""
    choices = getattr(parameter.type, "choices", None) or getattr(parameter.callback, "forms", ())
    if parameter.metavar:
        made["metavar"] = parameter.metavar
    if choices:
        made["choices"] = list(choices)
    if isinstance(parameter.type, click.Path):
        made["path"] = "file" if parameter.type.file_okay else "dir"
    return made


def _text(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
