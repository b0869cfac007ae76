"""Edits of YAML by the way to what they change."""

from dataclasses import dataclass, field

import pytest

from reconciler.errors import Remove, RenameKey, ReplaceText, SetValue
from reconciler.loader.edits import NotEditable, edited, reread, retexted
from reconciler.loader.edits.layout import Layout
from reconciler.loader.edits.splice import Splice
from tests.loader.yaml_texts import loaded


@dataclass(frozen=True)
class Case:
    before: str
    edits: tuple = field()
    after: str

    @classmethod
    def of(cls, before, *edits, after):
        return cls(before, edits, after)


GROUP = """\
# who answers
ring_groups:
  # the front
  sales:
    members:
      - extension/101   # Ann
      # on leave:
      - extension/102
      - {to: extension/103, ring: 20s}
    ring: 20s    # as long as a till takes
      # a note that belongs to ring

  billing: {members: [extension/101, "102"], pilot: '450'}
# the end
"""

CASES = {
    "a value keeps its comment": Case.of(
        "ring: 20s   # why\n",
        SetValue(("ring",), "30s"),
        after="ring: 30s   # why\n",
    ),
    "a value keeps its quotes": Case.of(
        "a: 'x'\nb: \"w\"\n",
        SetValue(("a",), "it's"),
        SetValue(("b",), "z"),
        after="a: 'it''s'\nb: \"z\"\n",
    ),
    "quotes go with what needed them": Case.of(
        'to: "4201"\n',
        SetValue(("to",), "extension/4201"),
        after="to: extension/4201\n",
    ),
    "quotes come with what needs them": Case.of(
        "a: x\nb: x\nc: x\nd: {e: x}\nf: x\n",
        SetValue(("a",), "+12015550144"),
        SetValue(("b",), "NO"),
        SetValue(("c",), "a: b"),
        SetValue(("d", "e"), "a, b"),
        SetValue(("f",), 'say "hi"\n\\'),
        after='a: "+12015550144"\nb: "NO"\nc: "a: b"\nd: {e: "a, b"}\nf: "say \\"hi\\"\\n\\\\"\n',
    ),
    "truth and nothing are bare": Case.of(
        "a: x\nb: 'x'\n",
        SetValue(("a",), True),
        SetValue(("b",), None),
        after="a: true\nb: null\n",
    ),
    "an empty value is filled": Case.of(
        "a:   # nothing yet\nb: {c}\nd:\n  -\n",
        SetValue(("a",), "x"),
        SetValue(("b", "c"), "w"),
        SetValue(("d", 0), "z"),
        after="a: x   # nothing yet\nb: {c: w}\nd:\n  - z\n",
    ),
    "a block of text becomes a line": Case.of(
        "a: |  # why\n  one\n  two\n\nb: x\n",
        SetValue(("a",), "one"),
        after="a: one  # why\n\nb: x\n",
    ),
    "a key goes to the end of its block": Case.of(
        GROUP,
        SetValue(("ring_groups", "sales", "pilot"), "451"),
        after=GROUP.replace("belongs to ring\n", 'belongs to ring\n    pilot: "451"\n'),
    ),
    "a key goes to the end of its brackets": Case.of(
        "a: { b: c }\nd: {}\ne: {\n  f: g,  # h\n}\n",
        SetValue(("a", "x"), "w"),
        SetValue(("d", "x"), "w"),
        SetValue(("e", "x"), "w"),
        after="a: { b: c, x: w }\nd: {x: w}\ne: {\n  f: g, x: w,  # h\n}\n",
    ),
    "a section that is not there is made": Case.of(
        "tenant: acme\n",
        SetValue(("numbers", "+12015550144", "to"), "hangup"),
        after='tenant: acme\nnumbers:\n  "+12015550144": {to: hangup}\n',
    ),
    "a new entry is written like its neighbour": Case.of(
        'extensions:\n    "101":\n        name: Ann\n',
        SetValue(("extensions", "102"), {"name": "Bob", "devices": {"desk": {}}}),
        after='extensions:\n    "101":\n        name: Ann\n'
        '    "102":\n        name: Bob\n        devices: {desk: {}}\n',
    ),
    "a file that ends without a line end still does": Case.of(
        "a:\n  b: c",
        SetValue(("a", "d"), "e"),
        after="a:\n  b: c\n  d: e",
    ),
    "line ends stay CRLF": Case.of(
        "a:\r\n  b: c  # d\r\n  e: f\r\n",
        SetValue(("a", "g"), "h"),
        Remove(("a", "e")),
        after="a:\r\n  b: c  # d\r\n  g: h\r\n",
    ),
    "an entry goes with its comments": Case.of(
        GROUP,
        Remove(("ring_groups", "sales")),
        after="# who answers\nring_groups:\n\n"
        "  billing: {members: [extension/101, \"102\"], pilot: '450'}\n# the end\n",
    ),
    "an item goes with the comment above it": Case.of(
        GROUP,
        Remove(("ring_groups", "sales", "members", 1)),
        after=GROUP.replace("      # on leave:\n      - extension/102\n", ""),
    ),
    "what heads the file stays": Case.of(
        "# Acme.\nschema: 1\ntenant: acme\n",
        Remove(("schema",)),
        after="# Acme.\ntenant: acme\n",
    ),
    "the last entry leaves an empty mapping": Case.of(
        "a:   # why\n  # one\n  b: c\n\nd: [x]\n",
        Remove(("a", "b")),
        Remove(("d", 0)),
        after="a: {}   # why\n\nd: []\n",
    ),
    "entries in brackets take their commas along": Case.of(
        "a: {b: 1, c: 2, d: 3}\ne: [\n  f,  # F\n  g,  # G\n  h\n]\n",
        Remove(("a", "b")),
        Remove(("a", "d")),
        Remove(("e", 1)),
        after="a: {c: 2}\ne: [\n  f,  # F\n  h\n]\n",
    ),
    "the first key behind a dash goes": Case.of(
        "a:\n  - b: c\n    d: e\n",
        Remove(("a", 0, "b")),
        after="a:\n  - d: e\n",
    ),
    "a key keeps its quotes and value": Case.of(
        "'a': b  # c\n\"+1\": d\n",
        RenameKey(("a",), "x"),
        RenameKey(("+1",), "+12015550144"),
        after="'x': b  # c\n\"+12015550144\": d\n",
    ),
    "a bare key gets quotes where it needs them": Case.of(
        "numbers: {a: {}}\n",
        RenameKey(("numbers", "a"), "+12015550144"),
        after='numbers: {"+12015550144": {}}\n',
    ),
    "a list changes where it differs": Case.of(
        GROUP,
        SetValue(
            ("ring_groups", "sales", "members"),
            [
                "extension/101",
                "extension/104",
                {"to": "extension/103", "ring": "25s"},
                "extension/105",
            ],
        ),
        after=GROUP.replace("- extension/102", "- extension/104").replace(
            "extension/103, ring: 20s}\n", "extension/103, ring: 25s}\n      - extension/105\n"
        ),
    ),
    "a list loses its middle": Case.of(
        GROUP,
        SetValue(
            ("ring_groups", "sales", "members"),
            ["extension/101", {"to": "extension/103", "ring": "20s"}],
        ),
        after=GROUP.replace("      # on leave:\n      - extension/102\n", ""),
    ),
    "a mapping changes where it differs": Case.of(
        GROUP,
        SetValue(
            ("ring_groups", "billing"),
            {"members": ["extension/101", "102"], "ring": "10s"},
        ),
        after=GROUP.replace(", pilot: '450'}", ", ring: 10s}"),
    ),
    "a block becomes a line": Case.of(
        GROUP,
        SetValue(("ring_groups", "sales", "members"), "all"),
        after=GROUP.replace(
            "members:\n      - extension/101   # Ann\n      # on leave:\n"
            "      - extension/102\n      - {to: extension/103, ring: 20s}\n",
            "members: all\n",
        ),
    ),
    "what is equal is not written": Case.of(
        "a:   [ x,y ]\n", SetValue(("a",), ["x", "y"]), after="a:   [ x,y ]\n"
    ),
    "an explicit key": Case.of("? a\n: b\nc: d\n", SetValue(("a",), "x"), after="? a\n: x\nc: d\n"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_only_what_is_asked_changes(case):
    assert edited(loaded(case.before), case.edits).text == case.after


REFUSED = {
    "a way that leads nowhere": ("a: b\n", Remove(("x",))),
    "a field of a text": ("a: b\n", SetValue(("a", "b"), "c")),
    "an item far behind the last": ("a: [b]\n", SetValue(("a", 3), "c")),
    "a name that is taken": ("a: b\nc: d\n", RenameKey(("a",), "c")),
    "the last of all keys": ("a: b\n", Remove(("a",))),
    "a name for an item": ("a: [b]\n", RenameKey(("a", 0), "c")),
    "a value that no file may hold": ("a: b\n", SetValue(("a",), "\x1b[2J")),
    "characters of a document": ("a: b\n", ReplaceText(0, 1, "c")),
    "blank lines that would join a text": (
        "a: |+\n  x\n\nb: y\n\nc: z\n",
        Remove(("b",)),
    ),
}


@pytest.mark.parametrize(("before", "edit"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_safely_is_refused(before, edit):
    with pytest.raises(NotEditable) as refused:
        edited(loaded(before), [edit])
    assert refused.value.hint


def test_two_edits_of_one_text_are_refused():
    with pytest.raises(NotEditable):
        retexted("a: *b\n", [ReplaceText(3, 5, "x"), ReplaceText(4, 5, "y")])


def test_characters_of_a_text_are_replaced_once():
    edit = ReplaceText(3, 5, '"*b"')
    assert retexted("a: *b\n", [edit, edit]) == 'a: "*b"\n'


def test_a_comment_is_never_lost_unseen():
    """The safety net itself: an edit of ours that forgot a comment is refused."""
    document = loaded("a: b  # c\n")
    with pytest.raises(NotEditable, match="comment"):
        reread(Layout(document), [Splice(3, 9, "b")], {"a": "b"})
    with pytest.raises(NotEditable, match="asked"):
        reread(Layout(document), [Splice(3, 4, "x")], {"a": "b"})
