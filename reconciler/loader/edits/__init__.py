"""Edits of YAML text that keep everything else: comments, blank lines, order, line ends.

An edit names what it changes by the way to it; its characters are found from the exact places
that the loader keeps. What stands outside of them stays byte for byte. The text that comes out
is read again and must say exactly what was asked, with every comment of the rest; where it
does not, the edit is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reconciler.errors import Edit, ReplaceText
from reconciler.loader.document import Document
from reconciler.loader.edits.change import Changes, NotEditable, same
from reconciler.loader.edits.layout import Layout
from reconciler.loader.edits.splice import Splice, Splicing, spliced
from reconciler.loader.yaml_text import parse_yaml

__all__ = ["NotEditable", "edited", "reread", "retexted"]

_BY_HAND = "Make the change by hand."


def edited(document: Document, edits: Iterable[Edit]) -> Document:
    """Do all edits at once; ways are those of `document`.

    Returns:
        The document of the new text; the same one where nothing changes.

    Raises:
        NotEditable: An edit does not fit, or the text would not say what was asked.
    """
    changes = Changes(document.value)
    for edit in edits:
        if isinstance(edit, ReplaceText):
            raise NotEditable("Characters are replaced in texts, not in documents.", _BY_HAND)
        changes.add(edit)
    layout = Layout(document)
    made = Splicing(layout, changes)
    return reread(layout, list(made.splices()), made.result)


def reread(layout: Layout, splices: Sequence[Splice], wanted: Any) -> Document:
    """Put splices into a document and read it again.

    Raises:
        NotEditable: It is no YAML any more, does not say `wanted`, or lost a comment.
    """
    before = layout.document
    text = spliced(before.text, splices)
    if text == before.text:
        return before
    after = parse_yaml(text.encode("utf-8", "surrogatepass"), before.file).document
    if after is None or not same(after.value, wanted):
        raise NotEditable(f"{before.file} would not say what was asked.", _BY_HAND)
    kept = layout.outside(sorted((one.start, one.end) for one in splices if one.takes_comments))
    now = Layout(after)
    if [_said(layout, span) for span in kept] != [_said(now, span) for span in now.comments]:
        raise NotEditable(f"A comment of {before.file} would be lost.", _BY_HAND)
    return after


def _said(layout: Layout, span: tuple[int, int]) -> str:
    return layout.text[span[0] : span[1]].rstrip()


def retexted(text: str, edits: Iterable[ReplaceText]) -> str:
    """Replace characters of a text that is no YAML yet.

    Raises:
        NotEditable: Two edits overlap.
    """
    return spliced(text, {Splice(one.start, one.end, one.text) for one in edits})
