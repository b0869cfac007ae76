"""libyaml's syntax errors, told as one sentence each to somebody who does not know libyaml."""

from __future__ import annotations

from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.tokens import (
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
)

from reconciler.errors import Location, Problem
from reconciler.loader.characters import without_bad_characters
from reconciler.loader.codes import quoted, told
from reconciler.loader.document import Source
from reconciler.loader.lost import hash_in_flow
from reconciler.loader.scalar import quoting

_OPENS = (FlowMappingStartToken, FlowSequenceStartToken)
_CLOSES = (FlowMappingEndToken, FlowSequenceEndToken)
_QUOTE = "Put the value in quotes."
_ALIGN = "Line it up with the entries it belongs to, with spaces."

_SENTENCES: dict[str, tuple[str, str]] = {
    "mapping values are not allowed": (
        "A colon stands where no new key can start.",
        "Put a text that holds a colon in quotes, or check the indentation.",
    ),
    "could not find expected ':'": (
        "This line has no colon, so it is neither a key nor part of what stands above.",
        "Write `key: value`, or indent the line below the text that it continues.",
    ),
    "did not find expected key": (
        "This line is indented differently from the entries around it.",
        _ALIGN,
    ),
    "did not find expected '-' indicator": (
        "A list ends here without another `- ` entry.",
        "Start the line with `- `, or line it up with the key that it belongs to.",
    ),
    "block sequence entries are not allowed": (
        "A list entry `- ` cannot start here.",
        "Put the `- ` on a line of its own, below its key.",
    ),
    "mapping keys are not allowed": ("A key cannot start here.", _ALIGN),
    "did not find expected <document start>": (
        "This does not belong to what stands above.",
        "Check the indentation, and write a space after each colon.",
    ),
    "did not find expected ',' or ']'": (
        'A comma or "]" is missing here.',
        "Add it, or quote the text before it.",
    ),
    "did not find expected ',' or '}'": (
        'A comma or "}" is missing here.',
        "Add it, or quote the text before it.",
    ),
    "did not find expected node content": (
        "A value is missing here.",
        "Write a value, or remove the sign before it.",
    ),
    "found unknown escape character": (
        "A backslash in double quotes is followed by a letter that means nothing.",
        "Double the backslash, or use single quotes.",
    ),
    "did not find expected hexdecimal number": (
        "An escape in double quotes lacks hexadecimal digits.",
        "Double the backslash, or use single quotes.",
    ),
    "found invalid Unicode character escape code": (
        "An escape in double quotes names no Unicode character.",
        "Write the character itself.",
    ),
    "found unexpected document indicator": (
        "A text in quotes is interrupted by a `---` or `...` line.",
        "Close the quotes before it.",
    ),
    "did not find expected comment or line break": (
        "Only a comment may follow on this line.",
        "Start the text on the next line, indented.",
    ),
    "found an indentation indicator equal to 0": (
        "A block of text cannot be indented by 0.",
        "Leave the 0 out.",
    ),
    "found unexpected ':'": ("A colon stands inside an unquoted text.", _QUOTE),
}
"""A part of libyaml's message -> what is wrong, and what to do."""


def syntax_problem(error: yaml.YAMLError, source: Source) -> Problem:
    """Translate what libyaml raised, with the place that a person would look at."""
    problem = str(getattr(error, "problem", None) or "")
    context = str(getattr(error, "context", None) or "")
    at = _offset(getattr(error, "problem_mark", None), source)
    start = _offset(getattr(error, "context_mark", None), source, at)
    return (
        _of_character(problem, source, at)
        or _of_mark(problem, context, source, start, at)
        or _of_quotes(problem, source, start)
        or _of_directive(problem, context, source, start)
        or _of_bracket(source, at)
        or _of_table(problem, context, source, start, at)
    )


def _of_character(problem: str, source: Source, at: int) -> Problem | None:
    """Tabs, and signs that no text may start with."""
    text = source.text
    if "tab character" in problem or ("cannot start any token" in problem and text[at] == "\t"):
        tab = text.find("\t", at)
        tab = at if tab < 0 else tab
        detail = "A tab stands where YAML wants spaces."
        return told("E113", source.location(tab, tab + 1), detail, "Indent with spaces.")
    if "cannot start any token" in problem:
        detail = f"A text cannot start with {quoted(text[at])} unless it is quoted."
        return told("E118", source.location(at, at + 1), detail, _QUOTE)
    return None


def _of_mark(problem: str, context: str, source: Source, start: int, at: int) -> Problem | None:
    """Aliases, anchors and tags that do not scan, and keys that are not there."""
    text = source.text
    if "alias" in context:
        shown = _word(text, start)
        place = source.location(start, start + len(shown))
        detail = f"Bare, {quoted(shown)} is an alias for a part of the file, not text."
        fix = quoting(start, shown, source.file)
        return told("E117", place, detail, f"Quote it: {quoted(shown)}.", fix=fix)
    if "anchor" in context:
        detail = "Bare, `&` marks an anchor."
        return told("E106", source.location(start, at), detail, "Quote the text.")
    if "tag" in problem or context.endswith("a tag"):
        detail = "An exclamation mark starts a tag here."
        return told("E105", source.location(start, at), detail, "Remove the tag, or quote it.")
    if text.startswith(":", at) and "expected" in problem:
        detail = "There is no key before this colon."
        return told("E110", source.location(at, at + 1), detail, "Write a key before it.")
    return None


def _of_quotes(problem: str, source: Source, start: int) -> Problem | None:
    if "unexpected end of stream" not in problem:
        return None
    detail = f"The quotes opened here ({source.text[start]}) are never closed."
    return told("E118", source.location(start, start + 1), detail, "Close them.")


def _of_directive(problem: str, context: str, source: Source, start: int) -> Problem | None:
    if "directive" not in context + problem and "incompatible YAML" not in problem:
        return None
    place = source.location(*source.line_span(start))
    detail = f"The line {quoted(place.text)} is not `%YAML 1.1` or `%YAML 1.2`."
    return told("E108", place, detail, "Remove the line.")


def _of_bracket(source: Source, at: int) -> Problem | None:
    """Where a bracket is open at the error: blame a bare `#` in it, or its missing end."""
    opened = _open_bracket(source.text, at)
    if opened is None:
        return None
    lost = hash_in_flow(source, source.line_span(opened)[0], max(at, opened))
    if lost is not None or at < len(source.text.rstrip()):
        return lost
    detail = f'The "{source.text[opened]}" opened here is never closed.'
    closing = "}" if source.text[opened] == "{" else "]"
    return told("E118", source.location(opened, opened + 1), detail, f'Add the "{closing}".')


def _of_table(problem: str, context: str, source: Source, start: int, at: int) -> Problem:
    for part, (detail, hint) in _SENTENCES.items():
        if part in problem:
            if part == "could not find expected ':'":
                at = start
            return told("E118", _rest_of_line(source, at), detail, hint)
    detail = f"The file stops being YAML here: {context} {problem}".strip() + "."
    return told("E118", _rest_of_line(source, at), detail, "Check the indentation and the quotes.")


def _open_bracket(text: str, at: int) -> int | None:
    """Find the innermost bracket of flow style that is open at offset `at`."""
    opened: list[int] = []
    token = CParser(without_bad_characters(text)).get_token
    try:
        while (found := token()) is not None and found.start_mark.index < at:
            if isinstance(found, _OPENS):
                opened.append(found.start_mark.index)
            elif isinstance(found, _CLOSES) and opened:
                opened.pop()
    except yaml.YAMLError:
        pass  # the error that is being told
    return opened[-1] if opened else None


def _offset(mark: Any, source: Source, otherwise: int = 0) -> int:
    return otherwise if mark is None else min(int(mark.index), len(source.text))


def _word(text: str, start: int) -> str:
    end = start
    while end < len(text) and text[end] not in " \t\r\n:,[]{}":
        end += 1
    return text[start:end]


def _rest_of_line(source: Source, at: int) -> Location:
    end = at + len(source.text[at : source.line_span(at)[1]].rstrip())
    return source.location(at, end)
