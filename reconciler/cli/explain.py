"""`explain` and `schema`: what a code or a field means, and the shape of files, offline."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import click

from reconciler.cli.codes import CODES, DECIDED_BY, FIXED
from reconciler.cli.fields import ROOTS, Field, find, names
from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit
from reconciler.errors import Exit, WrongUsage
from reconciler.report.machine import document
from reconciler.report.text import BLANK, WIDTH, Line, Span, labelled, line

SCHEMA_NAMES = ("tenant", "plan", "flow", "project", "policies", "prices")
"""What `schema` can print: the names of `SCHEMAS`, which takes pydantic to load."""


@click.command()
@click.argument("what", metavar="CODE|FIELD", required=False)
@output_option
@click.pass_obj
def explain(context: Context, what: str | None, outputs: tuple[Output, ...]) -> int:
    """Explain a code such as TEL201, or a field such as number.to or ring_group.overflow.after.

    Without either, list what can be explained.
    """
    if what is None:
        emit(
            outputs,
            _all,
            lambda: (document("codes", {"codes": _summaries()}),),
            context.environment,
        )
        return Exit.DONE
    code = what if what in CODES else what.upper()
    if code in CODES:
        summary, text = CODES[code]
        body = {
            "code": code,
            "summary": summary,
            "explanation": text,
            "decided_by": list(_commands(code)),
            "fixed": FIXED.get(code, ""),
        }
        emit(outputs, lambda: _code(code), lambda: (document("code", body),), context.environment)
        return Exit.DONE
    field = find(what)
    if field is None:
        raise _unknown(what)
    emit(
        outputs,
        lambda: _field(field),
        lambda: (document("field", _record(field)),),
        context.environment,
    )
    return Exit.DONE


@click.command()
@click.argument("name", type=click.Choice(SCHEMA_NAMES), default="tenant")
def schema(name: str) -> int:
    """Print the JSON Schema (draft-07) of a kind of file."""
    from reconciler.cli.schemas import SCHEMAS  # noqa: PLC0415 - for this command only

    click.echo(SCHEMAS[name](), nl=False)
    return Exit.DONE


def _summaries() -> dict[str, str]:
    return {code: summary for code, (summary, _) in sorted(CODES.items())}


def _all() -> Iterator[Line]:
    for code, summary in _summaries().items():
        yield line(Span(f"{code:<12}", "bold"), summary)
    yield BLANK
    yield from labelled("fields of", ", ".join(ROOTS), WIDTH, 0, 12)
    yield line("One of them:  reconciler explain TEL201  or  reconciler explain number.to")


def _code(code: str) -> Iterator[Line]:
    summary, text = CODES[code]
    yield line(Span(f"{code}: {summary}", "bold"))
    yield BLANK
    for piece in textwrap.wrap(text, WIDTH - 2, break_long_words=False, break_on_hyphens=False):
        yield line(f"  {piece}")
    yield BLANK
    if code in FIXED:
        yield from labelled(
            "  Fixed:", f"no policy softens its errors: {FIXED[code]}.", WIDTH, 0, 13
        )
    commands = " and ".join(f"reconciler {command}" for command in _commands(code))
    yield from labelled("  Decided by:", commands, WIDTH, 0, 13)
    yield BLANK
    yield line(f"Next:  reconciler {_commands(code)[0]}")


def _commands(code: str) -> tuple[str, ...]:
    """The commands that decide whether a mistake of this class was made."""
    return DECIDED_BY.get(code, ("validate",))


def _field(field: Field) -> Iterator[Line]:
    yield line(Span(field.path, "bold"))
    for label, text in _facts(field).items():
        yield from labelled(f"  {label}", text, WIDTH, 0, 11)
    if field.inner:
        yield BLANK
        for name, words in field.inner.items():
            yield from labelled(f"  {name}", words, WIDTH, 0, 22)
    yield BLANK
    root = field.path.partition(".")[0]
    file = root if root in {"project", "prices"} else "tenant"
    deeper = f"explain {field.path}.{next(iter(field.inner))}" if field.inner else f"schema {file}"
    yield line(f"Next:  reconciler {deeper}")


def _facts(field: Field) -> Mapping[str, str]:
    facts = {"": field.description, "takes": field.takes}
    if not field.is_root:
        facts["default"] = "none: it must be given" if field.required else field.default
    return {label: text for label, text in facts.items() if text}


def _record(field: Field) -> dict[str, Any]:
    return {
        "field": field.path,
        "description": field.description,
        "takes": field.takes,
        "required": field.required,
        "default": field.default,
        "fields": dict(field.inner),
    }


def _unknown(what: str) -> WrongUsage:
    near = get_close_matches(what.upper(), CODES, n=1) if what[:1].isupper() else []
    near = near or get_close_matches(what, names(what), n=1) or get_close_matches(what, CODES, n=1)
    hint = f"Did you mean {near[0]}?" if near else "List what there is: reconciler explain"
    return WrongUsage(f"There is neither a code nor a field {what!r}.", hint)
