"""Edits of random documents: what was asked, and nothing else."""

import copy

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from reconciler.errors import Remove, RenameKey, SetValue
from reconciler.loader.edits import NotEditable, edited
from reconciler.loader.edits.layout import Layout
from reconciler.loader.tidy import tidied
from tests.loader.yaml_texts import documents, loaded

VALUES = ["x", "0123", True, None, "a, b", "a # b", "l\nm", "", "é", {"k": "v"}, ["a", "4201"], []]

checked = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def paths(value, path=()):
    if path:
        yield path
    steps = (
        value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    )
    for step in steps:
        yield from paths(value[step], (*path, step))


def at(value, path):
    for step in path:
        value = value[step]
    return value


def comments(document):
    layout = Layout(document)
    return [layout.text[start:end].rstrip() for start, end in layout.comments]


def anywhere(value, path):
    return True


def at_a_key(value, path):
    return isinstance(path[-1], str)


def at_a_holder(value, path):
    return isinstance(at(value, path), dict | list)


@st.composite
def drawn(draw, where=anywhere):
    """A document and a path in it: drawn among those that do, as drawing it anew takes long."""
    document = loaded(draw(documents()))
    assume(document is not None)
    chosen = [path for path in paths(document.value) if where(document.value, path)]
    assume(chosen)
    return document, draw(st.sampled_from(chosen))


@checked
@given(drawn(), st.sampled_from(VALUES))
def test_a_value_is_set(chosen, value):
    document, path = chosen
    wanted = copy.deepcopy(document.value)
    old = at(wanted, path)
    at(wanted, path[:-1])[path[-1]] = value

    made = edited(document, [SetValue(path, value)])

    assert made.value == wanted
    if not isinstance(old, dict | list):
        assert comments(made) == comments(document)
        start, end = document.span(path)
        assert made.text.startswith(document.text[:start])
        assert made.text.endswith(document.text[end:])


@checked
@given(drawn(at_a_key))
def test_a_key_is_renamed(chosen):
    document, path = chosen
    start, end = document.span(path, key=True)

    made = edited(document, [RenameKey(path, "new key")])

    assert list(at(made.value, path[:-1])) == [
        "new key" if name == path[-1] else name for name in at(document.value, path[:-1])
    ]
    assert made.text.startswith(document.text[:start])
    assert made.text.endswith(document.text[end:])
    assert comments(made) == comments(document)


@checked
@given(drawn(at_a_holder), st.sampled_from(VALUES))
def test_an_entry_is_added(chosen, value):
    document, path = chosen
    holder = at(document.value, path)
    step = "brand new" if isinstance(holder, dict) else len(holder)

    made = edited(document, [SetValue((*path, step), value)])

    assert at(made.value, (*path, step)) == value
    assert comments(made) == comments(document)
    kept = iter(made.text)
    assert all(char in kept for char in document.text), "characters are added, none is taken"


@checked
@given(drawn())
def test_an_entry_is_taken_out(chosen):
    document, path = chosen
    assume(len(path) > 1 or len(document.value) > 1)
    wanted = copy.deepcopy(document.value)
    del at(wanted, path[:-1])[path[-1]]

    try:
        made = edited(document, [Remove(path)])
    except NotEditable:
        assert "|+" in document.text, "blank lines at the end of a text would join another"
        event("refused")
        return

    assert made.value == wanted
    left = iter(comments(document))
    assert all(one in left for one in comments(made)), "in their order, none is new"


def texts(value):
    return [path for path in paths(value) if isinstance(at(value, path), str)]


@checked
@given(documents())
def test_the_form_is_one_form(text):
    document = loaded(text)
    assume(document is not None)

    once = tidied(document, texts(document.value))

    assert once.value == document.value
    assert [
        list(at(once.value, p)) for p in paths(once.value) if isinstance(at(once.value, p), dict)
    ] == [
        list(at(document.value, p))
        for p in paths(document.value)
        if isinstance(at(document.value, p), dict)
    ]
    assert comments(once) == comments(document)
    assert tidied(once, texts(once.value)) is once
    assert (once is document) == (once.text == document.text)
