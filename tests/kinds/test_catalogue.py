"""The catalogue of kinds, and promises that hold for each of them."""

from typing import ClassVar

import pytest

from reconciler.kinds import KINDS, SECTIONS, catalogue
from reconciler.kinds.extension import Extension
from reconciler.model.docs import describe
from reconciler.model.resource import Resource


def test_kinds_are_found_by_their_files():
    assert set(KINDS) >= {
        "auto_attendant",
        "carrier_number",
        "device",
        "extension",
        "location",
        "number",
        "ring_group",
        "voicemail_box",
    }
    assert SECTIONS["extensions"] is Extension


class Impostor(Resource):
    """Says the name of another kind."""

    kind: ClassVar[str] = "extension"


class Squatter(Resource):
    """Says the section of another kind."""

    kind: ClassVar[str] = "person"
    section: ClassVar[str] = "extensions"


@pytest.mark.parametrize("other", [Impostor, Squatter])
def test_no_two_kinds_share_a_name_or_a_section(other):
    with pytest.raises(TypeError, match="extension"):
        catalogue([Extension, other])


@pytest.mark.parametrize("cls", KINDS.values(), ids=KINDS)
def test_every_field_says_what_it_is(cls):
    describe(cls)
    silent = [name for name, info in cls.model_fields.items() if not info.description]

    assert silent == []


EXAMPLES = {
    "audio": {"say": "Closed today.", "language": "en-US", "then": "voicemail_box/6401"},
    "auto_attendant": {
        "greeting": {"say": "Hello"},
        "options": {"0": "operator", "1": "extension/4201"},
        "operator": "ring_group/desk",
        "dial_extension": {"allow": "all"},
        "timeout": {"to": "operator"},
        "invalid": {"to": "back"},
    },
    "account": {"connector": "voicetel", "notify": True, "notify_threshold": "50"},
    "acl": {"connector": "voicetel", "cidr": "198.51.100.7"},
    "auth": {"connector": "voicetel", "mode": "digest_and_acl"},
    "brand": {"connector": "voicetel", "id": "BMQ8L9X", "name": "Harbor Dental"},
    "campaign": {"connector": "voicetel", "id": "CH5K5IZ", "brand": "harbor"},
    "internal_number": {
        "connector": "dial9",
        "handoff": {"type": "Extension", "name": "Front desk"},
        "name": "Desk",
    },
    "gateway": {"connector": "voicetel", "host": "sip.example.net", "limit": "9"},
    "carrier_number": {
        "connector": "dial9",
        "handoff": {"type": "Extension", "name": "trunk"},
        "cnam": "HARBOR DENTAL",
        "cnam_lookup": True,
        "forward": "external/+12015550144",
        "translation": "1001#",
        "fax_to": "fax@b.example",
        "sms": {"webhook": "https://sms.b.example/in?x=1"},
        "campaign": "reminders",
        "port_out_pin": {"env": "VM_PIN"},
        "pass_caller_id": False,
        "carrier_record": True,
        "carrier_caller_id_prefix": "Sales:",
    },
    "conference": {
        "room": "6300",
        "pin": {"env": "CONF_PIN"},
        "moderator_pin": {"generate": True, "version": "2"},
        "record": True,
    },
    "device": {"kind": "ata", "mac": "00-00-5e-00-53-01"},
    "emergency_record": {
        "connector": "voicetel",
        "caller_name": "ACME",
        "street": "1 MAIN ST",
        "city": "BOSTON",
        "postcode": "02110",
        "country": "US",
    },
    "extension": {"forward": {"busy": "voicemail_box/4201"}, "caller_id": "number/+12015550144"},
    "location": {
        "caller_name": "Acme",
        "street": "1 Main St",
        "city": "Boston",
        "postcode": "02110",
        "country": "US",
    },
    "number": {"to": "hangup", "tags": ["fax"]},
    "port": {
        "connector": "voicetel",
        "numbers": ["+12015550150", "+12015550151"],
        "to": "ring_group/desk",
        "requested_date": "2026-10-15",
        "subscriber": {
            "name": "Acme",
            "street_number": "12",
            "street": "Spring",
            "city": "Boston",
            "postcode": "02110",
            "country": "US",
        },
        "authorized_by": "Practice Manager",
        "losing_carrier": {
            "billing_number": "+12015550150",
            "account": {"env": "VM_ACCOUNT"},
            "pin": {"env": "VM_PIN"},
        },
    },
    "ring_group": {
        "members": ["extension/4201", {"to": "external/+12015550144", "ring": "0.5m"}],
        "overflow": {"after": "30s", "to": "hangup"},
    },
    "schedule": {
        "timezone": "America/New_York",
        "open": [
            {"days": "mon-thu", "hours": "8:00-18:00"},
            {"days": ["sun"], "hours": "22:00-06:00"},
        ],
        "holidays": [
            {"name": "Christmas", "date": "12-25"},
            {"name": "Thanksgiving", "rule": "4th thursday of november", "days": "2"},
            {"name": "Staff day", "from": "2026-10-02 12:00", "to": "2026-10-02 18:00"},
            {"country": "US", "subdivision": "MA"},
        ],
        "exceptions": [
            {"date": "2026-12-24", "hours": "08:00-12:00"},
            {"rule": "last fri of may", "closed": True},
        ],
    },
    "voicemail_box": {"pin": {"env": "VM_PIN"}, "email": True, "address": "a@b.example"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_spec_reads_back_as_what_it_was(kind):
    spec = KINDS[kind].model_validate(EXAMPLES[kind]).spec()

    assert KINDS[kind].model_validate(spec).spec() == spec


def test_words_of_an_author_have_one_form_in_a_spec():
    assert KINDS["device"].model_validate(EXAMPLES["device"]).spec()["mac"] == "00:00:5E:00:53:01"
    assert KINDS["extension"].model_validate(EXAMPLES["extension"]).spec()["caller_id"] == (
        "+12015550144"
    )
    member = KINDS["ring_group"].model_validate(EXAMPLES["ring_group"]).spec()["members"][1]
    assert member["ring"] == "30s"
    assert member["confirm"] is True


def test_a_device_left_without_a_password_gets_a_generated_one():
    spec = KINDS["device"].model_validate({}).spec()

    assert spec["sip_password"] == {"$secret": {"ref": {"generate": True}, "version": 1}}


def test_a_bare_menu_has_none_of_the_links_it_was_cut_from():
    cls = KINDS["auto_attendant"]
    whole = cls.model_validate(EXAMPLES["auto_attendant"])

    bare = cls.bare(whole.spec(), [path for path, _ in whole.references()])

    made = cls.model_validate(bare)
    assert list(made.references()) == []
    assert made.timeout.to == "hangup"
