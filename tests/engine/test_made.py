"""A part that was just made says what the part says that a reader of the saved plan has."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.engine.guard import Limits, Share
from reconciler.engine.plan import facts_of
from reconciler.engine.planning import Price, Question, made_part
from reconciler.kinds import KINDS
from reconciler.model.canonical import canonical_plain
from reconciler.model.ordered import canonical_ordered, in_key_order
from reconciler.report.entries import View
from reconciler.report.plan_part import part_text
from tests.crash.scripts import TENANT, desired
from tests.engine.draws import pairs, scene

drawn = settings(
    max_examples=8,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def made_of(state, limits):
    price = Price("USD", Decimal("1.00"), Decimal("0.50"))
    return made_part(Question(TENANT, state, limits, price=lambda connector, kind, e164: price))


def first_plan(pair):
    return replace(scene({}, pair[1]), applied={}, observed={})


def with_a_rename(pair):
    """Every group has another name from now on, where git says so."""
    state = scene(*pair)
    wanted = {}
    for address, want in desired(pair[0]).objects.items():
        new = address._replace(name=f"{address.name}-new")
        renamed = address.kind == "ring_group"
        wanted[new if renamed else address] = replace(want, was=address) if renamed else want
    return replace(state, desired=wanted)


@pytest.mark.parametrize("view", [View(kinds=KINDS), View(full=True)], ids=["short", "full"])
@pytest.mark.parametrize("state_of", [first_plan, lambda pair: scene(*pair), with_a_rename])
@drawn
@given(pair=pairs(), share=st.sampled_from([Share(), Share(count=0)]))
def test_it_is_counted_and_told_as_it_is_read(state_of, view, pair, share):
    made = made_of(state_of(pair), Limits(deletes=share, quarantines=share, reroutes=share))
    read = made.typed()

    assert facts_of(made) == facts_of(read)
    assert part_text(made, view) == part_text(read, view)
    assert [each.addresses for each in made.operations] == [op.addresses for op in read.operations]


@drawn
@given(pairs())
def test_its_text_and_its_digest_are_those_of_what_is_read(pair):
    made = made_of(scene(*pair), Limits())
    read = made.typed()

    assert made.text == canonical_plain(read.model_dump())
    assert made.content_digest == read.content_digest == read.digest()
    assert json.loads(made.text)["operations"] == [each.values for each in _as_json(made)]


def _as_json(made):
    return [each._replace(values=json.loads(json.dumps(each.values))) for each in made.written]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_ordered_values_are_written_in_the_canonical_form(value):
    assert canonical_ordered(in_key_order(value)) == canonical_plain(value)
