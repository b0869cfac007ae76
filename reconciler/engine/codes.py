"""Classes of mistake in what a tenant file says, once: `reconciler explain` prints them.

The loader has its own (E101 to E119, E140 on); rules of telephony stand beside the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CODES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "E112": (
            "Not an E.164 number",
            (
                "A public number is written in quotes as + and country code and number, without "
                'blanks or a leading 0: "+12015550144". National forms mean different numbers in '
                "different countries."
            ),
        ),
        "E120": (
            "Unknown section",
            (
                "The top level of a tenant file has the tenant's own fields and one section for "
                "each kind of object."
            ),
        ),
        "E121": (
            "Unknown field",
            (
                "A field that nobody knows is never passed over in silence: it is most often a "
                "typing error, and what was meant would not happen."
            ),
        ),
        "E122": ("Missing field", "A field without which the object makes no sense is not given."),
        "E123": (
            "Invalid value",
            (
                "The value has a form or size that its field does not take. Durations carry their "
                "unit (20s), truth is true or false."
            ),
        ),
        "E124": (
            "Invalid name",
            (
                "Objects are found by their names for life, so names have one form: numbers in "
                "E.164, extensions as digits, everything else in lower-case ASCII letters, digits "
                "and hyphens."
            ),
        ),
        "E125": (
            "Invalid reference",
            (
                "What a field points at is written kind/name, such as ring_group/sales, and each "
                "field takes certain kinds only. Where one kind is possible the bare name is "
                "enough."
            ),
        ),
        "E126": (
            "Digits that reach no single object",
            (
                "Plain digits stand for the one object of the tenant that is dialled so. Where "
                "there is none, or more than one, the reference is written out."
            ),
        ),
        "E127": (
            "Unknown connector",
            "Connectors are carrier accounts that the project file names under `connectors`.",
        ),
        "E128": (
            "Unknown hand-off",
            (
                "A hand-off is where a carrier gives calls to the platform: at some carriers one "
                "of the gateways that the project file names for that connector."
            ),
        ),
        "E129": (
            "Unknown time zone",
            (
                "A time zone is an IANA name such as Europe/London; it brings its daylight saving "
                "rules along, which an offset does not."
            ),
        ),
        "E130": (
            "Not built yet",
            (
                "The documents name it, this version cannot do it. It is refused rather than left "
                "out, so that a plan never does less than the file says."
            ),
        ),
        "E131": (
            "Secret reference is not allowed",
            (
                "Which environment variables, folders and programs tenant files may use is listed "
                "under `secrets.allow` in the project file, so that a pull request cannot read a "
                "carrier's key or run a program."
            ),
        ),
        "E132": (
            "Fields that need each other",
            "A field is given that means nothing without another one.",
        ),
        "E133": (
            "Not the expected shape",
            "Sections and objects are mappings: `name: value` lines, or {name: value} on one line.",
        ),
        "E134": (
            "Unknown default",
            (
                "`defaults` has one mapping for each kind, such as ring_group: {ring: 20s}, and "
                "the tenant's caller_id."
            ),
        ),
        "E135": (
            "Field is not for YAML",
            "reconciler fills this field itself.",
        ),
        "E136": (
            "Premium-rate number",
            "Calls to it cost a premium. Premium-rate numbers are neither kept nor called here.",
        ),
        "E137": (
            "Value used twice",
            "The value may stand on one object only.",
        ),
        "E138": (
            "No hand-off",
            (
                "Neither the number nor its connector says where the carrier hands calls to the "
                "platform, so the carrier's own routing decides what callers reach."
            ),
        ),
        "E139": (
            "A rename that makes no sense",
            (
                "`was: old-name` says that an entry is the one that had another name: it keeps its "
                "mailbox, its passwords and its published versions. The old name must be gone from "
                "the file (or be renamed itself), and only one entry can have had it. A number is "
                "never renamed: its name is the number."
            ),
        ),
    }
)
"""Code -> (summary, explanation)."""
