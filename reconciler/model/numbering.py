"""What the digits of a public number say: country, type, and whether it can exist.

Two small tables answer for North America and Great Britain. For the rest of the world the
numbering plans of `phonenumbers` are read, which takes 50 ms and happens only then.
"""

from __future__ import annotations

import re
import unicodedata

MOST_DIALLED = 8
"""The most digits of what colleagues dial."""

TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})
"""Toll-free area codes of North America (domain rule TEL408)."""

_CANADA = frozenset(
    [
        "204",
        "226",
        "236",
        "249",
        "250",
        "257",
        "263",
        "289",
        "306",
        "343",
        "354",
        "365",
        "367",
        "368",
        "382",
        "387",
        "403",
        "416",
        "418",
        "428",
        "431",
        "437",
        "438",
        "450",
        "460",
        "468",
        "474",
        "506",
        "514",
        "519",
        "537",
        "548",
        "568",
        "579",
        "581",
        "584",
        "587",
        "604",
        "613",
        "639",
        "647",
        "672",
        "683",
        "705",
        "709",
        "742",
        "753",
        "778",
        "780",
        "782",
        "807",
        "819",
        "825",
        "867",
        "873",
        "879",
        "902",
        "905",
        "942",
    ]
)
_OTHER_PLACES = frozenset(
    [
        "242",
        "246",
        "264",
        "268",
        "284",
        "340",
        "345",
        "441",
        "473",
        "649",
        "658",
        "664",
        "670",
        "671",
        "684",
        "721",
        "758",
        "767",
        "784",
        "787",
        "809",
        "829",
        "849",
        "868",
        "869",
        "876",
        "939",
    ]
)
_NORTH_AMERICA = re.compile(r"^\+1([2-9][0-9]{2})([2-9][0-9]{2})[0-9]{4}$")
_BRITISH = re.compile(r"^\+44[1-9][0-9]{8,9}$")
_BRITISH_TYPES = (
    ("800", "tollfree"),
    ("808", "tollfree"),
    ("76", "national"),
    ("70", "national"),
    ("7", "mobile"),
    ("1", "local"),
    ("2", "local"),
)
_RESERVED = re.compile(
    r"^\+(?:1[2-9][0-9]{2}55501[0-9]{2}"
    r"|44(?:2079460[0-9]{3}|1632960[0-9]{3}|7700900[0-9]{3}|8081570[0-9]{3}))$"
)
_PREMIUM = re.compile(r"^\+(?:1900|1976|449|4487[123])")

EMERGENCY = {
    "US": ("911", "933"),
    "CA": ("911", "933"),
    "GB": ("999", "112"),
    "AU": ("000", "112"),
    "NZ": ("111",),
    **dict.fromkeys(
        [
            "AT",
            "BE",
            "BG",
            "CY",
            "CZ",
            "DE",
            "DK",
            "EE",
            "ES",
            "FI",
            "FR",
            "GR",
            "HR",
            "HU",
            "IE",
            "IT",
            "LT",
            "LU",
            "LV",
            "MT",
            "NL",
            "PL",
            "PT",
            "RO",
            "SE",
            "SI",
            "SK",
        ],
        ("112",),
    ),
}
"""Emergency numbers by country (domain rule TEL105)."""

SERVICE_CODES = frozenset({*(f"{first}11" for first in range(2, 10)), "988"})
"""Short public numbers of North America: N11 and 988 (domain rule TEL106)."""


def place_of(e164: str) -> tuple[str, str]:
    """Tell country (two letters) and type (local, national, tollfree, mobile) of a number.

    "" stands for what its digits do not say.
    """
    if e164.startswith("+1"):
        area = e164[2:5]
        if area in TOLL_FREE:
            return "US", "tollfree"
        if area not in _OTHER_PLACES:
            return "CA" if area in _CANADA else "US", "local"
    elif e164.startswith("+44") and not e164.startswith(("+441481", "+441534", "+441624")):
        rest = e164[3:]
        return "GB", next(
            (kind for head, kind in _BRITISH_TYPES if rest.startswith(head)), "national"
        )
    return _looked_up(e164)


def is_in(e164: str, country: str) -> bool:
    """Tell whether a number can be in a country, as far as its country code says.

    Countries that share a code (``+1``, ``+44``) are not told apart: a toll-free number is in
    several of them.

    Args:
        e164: The number.
        country: Two upper-case letters.

    """
    if place_of(e164)[0] == country:
        return True
    import phonenumbers  # noqa: PLC0415 - 50 ms, where the two differ

    code = phonenumbers.country_code_for_region(country)
    return code > 0 and e164.startswith(f"+{code}")


def _looked_up(e164: str) -> tuple[str, str]:
    import phonenumbers  # noqa: PLC0415 - 50 ms, for numbers that no table of ours knows

    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return "", ""
    kinds = phonenumbers.PhoneNumberType
    types = {
        kinds.FIXED_LINE: "local",
        kinds.FIXED_LINE_OR_MOBILE: "local",
        kinds.MOBILE: "mobile",
        kinds.TOLL_FREE: "tollfree",
    }
    country = phonenumbers.region_code_for_number(number) or ""
    return country if country.isalpha() else "", types.get(
        phonenumbers.number_type(number), "national"
    )


def impossible(e164: str) -> str:
    """Say why a number in E.164 form cannot exist, as a clause; "" when it can.

    Source: NANP numbering rules (NPA-NXX-XXXX) and Ofcom's plan, both by length and first digits.
    """
    if e164.startswith("+1"):
        if not _NORTH_AMERICA.match(e164):
            return "numbers of North America are +1 and ten digits, area and exchange from 2 to 9"
        if e164[3:5] == "11":
            return f"{e164[2:5]} is a service code and no area code"
        return ""
    if e164.startswith("+44"):
        if not _BRITISH.match(e164):
            return "British numbers are +44 and nine or ten digits, without the leading 0"
        return ""
    return "" if len(e164) >= len("+2901234") else "it is too short to be a public number"


def local_forms(e164: str) -> tuple[str, ...]:
    """Tell how a number is dialled nearby, without country and area code; () when never.

    Only what has at most eight digits, as an extension may have, is told.
    """
    if e164.startswith("+1"):
        return (e164[-7:],)
    if e164.startswith("+44"):
        return _british_local(e164[3:])
    import phonenumbers  # noqa: PLC0415 - needed where extensions are as long as numbers

    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return ()
    nearby = phonenumbers.national_significant_number(number)[
        phonenumbers.length_of_geographical_area_code(number) :
    ]
    return (nearby,) if len(nearby) <= MOST_DIALLED else ()


def _british_local(national: str) -> tuple[str, ...]:
    """Take the area code off: 020, 011x and 01x1, or 01xxx (Ofcom's plan); none without one."""
    if national.startswith("2"):
        return (national[2:],)
    if national.startswith("1"):
        return (national[3 if "1" in national[1:3] else 4 :],)
    return ()


def is_reserved(e164: str) -> bool:
    """Tell whether a number is set aside for examples and drama, and never in service."""
    return _RESERVED.match(e164) is not None


def is_premium(e164: str) -> bool:
    """Tell whether calls to it cost a premium."""
    return _PREMIUM.match(e164) is not None


def canonical(text: str, country: str) -> str:
    """Guess what number an author meant, in E.164; "" when that cannot be told.

    Args:
        text: A number in any national or international form.
        country: Two letters of the country it is in, "" when unknown.

    """
    plain = unicodedata.normalize("NFKC", text)
    if not re.search(r"[0-9]", plain) or re.search(
        r"[^-+0-9().\s/\u200e\u200f\u202a-\u202e]", plain
    ):
        return ""
    import phonenumbers  # noqa: PLC0415 - needed for a mistake only

    digits = re.sub(r"[^+0-9]", "", plain)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    try:
        number = phonenumbers.parse(digits, country or None)
    except phonenumbers.NumberParseException:
        return ""
    # Of digits without their area code the library says "possible": they are nobody's number yet.
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
