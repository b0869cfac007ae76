"""What a part of a spec points at is told from the whole, which was typed already."""

from typing import Annotated, ClassVar

import pytest
from pydantic import Field

from reconciler.engine.steps import Pointers
from reconciler.errors import Location
from reconciler.kinds import KINDS
from reconciler.model.address import Address
from reconciler.model.reference import Destination
from reconciler.model.resource import Resource
from reconciler.model.state import Wanted
from tests.kinds.test_catalogue import EXAMPLES


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_a_part_of_what_git_wants_points_at_what_it_would_if_it_were_read(kind):
    cls, at = KINDS[kind], Address("acme", kind, "one")
    made = cls.model_validate(EXAMPLES[kind])
    whole = made.spec()
    known = Pointers({at: Wanted(made, whole, Location("t.yaml", 1, 1), at)})

    for left_out in whole:
        part = {name: value for name, value in whole.items() if name != left_out}
        try:
            cls.model_validate(part)
        except ValueError:
            continue  # it cannot be without that field, and no cut leaves it without
        assert known.of(cls, "one", part) == Pointers().of(cls, "one", part)


def test_what_is_there_and_cannot_be_read_is_no_part_of_what_git_wants():
    cls, at = KINDS["ring_group"], Address("acme", "ring_group", "desk")
    made = cls.model_validate(EXAMPLES["ring_group"])
    known = Pointers({at: Wanted(made, made.spec(), Location("t.yaml", 1, 1), at)})

    there = {"members": ["extension/4201"], "colour": None}

    assert known.of(cls, "desk", there) == {"extension/4201"}
    assert known.links(cls, "desk", there) is None


class Renamed(Resource):
    """A kind whose field has another name in YAML."""

    kind: ClassVar = "renamed"

    leads_to: Annotated[Destination, Field(alias="to")]
    label: str = ""


def test_a_field_is_known_by_the_name_that_it_has_in_yaml():
    at = Address("acme", "renamed", "one")
    made = Renamed.model_validate({"to": "extension/4201", "label": "Desk"})
    known = Pointers({at: Wanted(made, made.spec(), Location("t.yaml", 1, 1), at)})

    assert known.of(Renamed, "one", {"to": "extension/4201"}) == {"extension/4201"}
