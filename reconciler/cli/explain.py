"""`explain` and `schema`: what a code or a field means, and the shape of files, offline."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from reconciler.cli.generated import load
from reconciler.cli.main import Context
from reconciler.cli.options import Output, output_option
from reconciler.cli.output import emit
from reconciler.errors import Exit, WrongUsage
from reconciler.report.machine import document
from reconciler.report.text import BLANK, WIDTH, Line, Span, labelled, line

if TYPE_CHECKING:  # kinds and their models take a second, and a code needs none of them
    from reconciler.cli.fields import Field


Codes: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Code -> summary, explanation, the commands that decide it, and why no policy softens it."""


@click.command()
@click.argument("what", metavar="CODE|FIELD", required=False)
@output_option
@click.pass_obj
def explain(context: Context, what: str | None, outputs: tuple[Output, ...]) -> int:
    """Explain a code such as TEL201, or a field such as number.to or ring_group.overflow.after.

    Without either, list what can be explained.
    """
    codes: Codes = load("codes.json")
    if what is None:
        emit(
            outputs,
            lambda: _all(codes),
            lambda: (
                document("codes", {"codes": {c: facts["summary"] for c, facts in codes.items()}}),
            ),
            context.environment,
        )
        return Exit.DONE
    code = what if what in codes else what.upper()
    if code in codes:
        body = {"code": code, **codes[code]}
        emit(outputs, lambda: _code(body), lambda: (document("code", body),), context.environment)
        return Exit.DONE
    from reconciler.cli.fields import find  # noqa: PLC0415 - see above

    field = find(what)
    if field is None:
        raise _unknown(what, codes)
    emit(
        outputs,
        lambda: _field(field),
        lambda: (document("field", _record(field)),),
        context.environment,
    )
    return Exit.DONE


@click.command()
@click.argument("name", default="tenant")
def schema(name: str) -> int:
    """Print the JSON Schema (draft-07) NAME: of a file that you write, or of a report."""
    from reconciler.cli.schemas import SCHEMAS  # noqa: PLC0415 - for this command only

    if name not in SCHEMAS:
        raise WrongUsage(
            f"There is no schema {name!r}.", f"There are {', '.join(sorted(SCHEMAS))}."
        )
    click.echo(SCHEMAS[name](), nl=False)
    return Exit.DONE


def _all(codes: Codes) -> Iterator[Line]:
    from reconciler.cli.fields import ROOTS  # noqa: PLC0415 - see above

    for code, facts in codes.items():
        yield line(Span(f"{code:<12}", "bold"), facts["summary"])
    yield BLANK
    yield from labelled("fields of", ", ".join(ROOTS), WIDTH, 0, 12)
    yield line("One of them:  reconciler explain TEL201  or  reconciler explain number.to")


def _code(body: Mapping[str, Any]) -> Iterator[Line]:
    yield line(Span(f"{body['code']}: {body['summary']}", "bold"))
    yield BLANK
    text = body["explanation"]
    for piece in textwrap.wrap(text, WIDTH - 2, break_long_words=False, break_on_hyphens=False):
        yield line(f"  {piece}")
    yield BLANK
    if body["fixed"]:
        why = f"no policy softens its errors: {body['fixed']}."
        yield from labelled("  Fixed:", why, WIDTH, 0, 13)
    commands = " and ".join(f"reconciler {command}" for command in body["decided_by"])
    yield from labelled("  Decided by:", commands, WIDTH, 0, 13)
    yield BLANK
    yield line(f"Next:  reconciler {body['decided_by'][0]}")


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


def _unknown(what: str, codes: Codes) -> WrongUsage:
    from reconciler.cli.fields import names  # noqa: PLC0415 - see above

    near = get_close_matches(what.upper(), codes, n=1) if what[:1].isupper() else []
    near = near or get_close_matches(what, names(what), n=1) or get_close_matches(what, codes, n=1)
    hint = f"Did you mean {near[0]}?" if near else "List what there is: reconciler explain"
    return WrongUsage(f"There is neither a code nor a field {what!r}.", hint)
