"""Lists of numbers: what is taken, and the line and reason of everything that is not."""

import pytest

from reconciler.errors import InvalidConfig
from reconciler.loader.supply import MOST_BYTES, Listed, read_supply

ONE, TWO, FREE = "+12015550144", "+12015550145", "+18005550144"
BRITISH = "+442079460144"


def read(text, **options):
    raw = text if isinstance(text, bytes) else text.encode()
    return read_supply(raw, "pool.csv", **options)


def taken(text, **options):
    return [(n.e164, n.country, n.type, n.line) for n in read(text, **options).numbers]


US = ("US", "local")

SAME = [(ONE, *US, 1), (TWO, *US, 2)]


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}\n{TWO}\n",
        f"{ONE}\n{TWO}",
        f"{ONE}\r\n{TWO}\r\n",
        f"{ONE}\r{TWO}\r",
        f"\ufeff{ONE}\n{TWO}\n",
        f'"{ONE}"\n"{TWO}"\n',
        f"  {ONE} \n {TWO}\n",
        f"{ONE},US,local\n{TWO},US,local\n",
        f"{ONE};US;local\n{TWO};US;local\n",
        f"{ONE}\tUS\tlocal\n{TWO}\tUS\tlocal\n",
        f'"{ONE}","US","local"\n{TWO},,\n',
        f"{ONE},us,Local\n{TWO},US\n",
        f"{ONE},,,\n{TWO},,,,,\n",
    ],
)
def test_what_spreadsheets_and_people_write_is_read(text):
    assert taken(text) == SAME
    assert read(text).refused == ()


def test_facts_that_are_left_out_are_what_the_digits_say():
    assert taken(f"{FREE}\n{BRITISH}\n+14165550144\n") == [
        (FREE, "US", "tollfree", 1),
        (BRITISH, "GB", "local", 2),
        ("+14165550144", "CA", "local", 3),
    ]


def test_a_toll_free_number_may_be_of_any_country_with_its_code():
    assert taken(f"{FREE},CA,tollfree\n") == [(FREE, "CA", "tollfree", 1)]


@pytest.mark.parametrize(
    "head",
    ["number,country,type", "Number;Country;Type", "E.164\tcountry\ttype", '"number","country"'],
)
def test_a_header_is_found_and_skipped(head):
    delimiter = next(char for char in ";\t," if char in head)
    made = read(f"\n{head}\n{ONE}{delimiter}US\n")

    assert [n.e164 for n in made.numbers] == [ONE]
    assert made.numbers[0].line == 3
    assert made.header == head
    assert made.unread == ()


def test_columns_are_found_by_their_names_and_others_are_named():
    made = read(f"did,Monthly,number type,E911,Country\n{FREE},1.00,tollfree,no,CA\n")

    assert made.numbers == (Listed(FREE, "CA", "tollfree", 2),)
    assert made.unread == ("Monthly", "E911")
    assert made.refused == ()


def test_a_first_line_that_is_meant_as_a_number_is_no_header():
    made = read(f"tel:{ONE}\n{TWO}\n")

    assert made.header == ""
    assert [(p.location.line, p.code) for p in made.refused] == [(1, "E112")]


def test_the_line_that_names_the_delimiter_is_obeyed():
    assert taken(f"sep=;\n{ONE};US\n") == [(ONE, *US, 2)]


def test_a_number_that_stands_twice_is_taken_once():
    made = read(f"{ONE}\n{TWO}\n{ONE},US,local\n")

    assert [n.line for n in made.numbers] == [1, 2]
    assert made.repeated == 1
    assert made.refused == ()


REFUSED = {
    "no plus": (f"{ONE[1:]}", "E112", 1, f'Did you mean "{ONE}"?'),
    "blanks": ("+1 (201) 555-0144", "E112", 1, f'Did you mean "{ONE}"?'),
    "national, with its country": ("2015550144,US", "E112", 1, f'Did you mean "{ONE}"?'),
    "as a carrier lists it": ("6175550161", "E112", 1, 'Write it with its country: "+16175550161"'),
    "dressed, no country": (
        "(617) 555-0161",
        "E112",
        1,
        'Write it with its country: "+16175550161"',
    ),
    "apostrophe": (f"'{ONE}", "E112", 1, f'Did you mean "{ONE}"?'),
    "formula": (f'"=""{ONE}"""', "E112", 1, f'Did you mean "{ONE}"?'),
    "rounded": ("1.2015E+10", "E112", 1, "Format the column as text"),
    "rounded, comma": ("1,2015E+10;US", "E112", 1, "Format the column as text"),
    "a fraction": ("12015550144.0", "E112", 1, f'Did you mean "{ONE}"?'),
    "Arabic digits": ("+1\u0662\u0660\u06615550144", "E112", 1, ""),
    "letters": ("+1201555014a", "E112", 1, ""),
    "nothing": (",US,local", "E112", 1, "Give the number"),
    "too short": ("+1201555014", "E112", 1, "Check its digits."),
    "impossible": ("+11115550144", "E112", 1, "Check its digits."),
    "premium": ("+19005550144", "E136", 1, "Leave it out."),
    "a word for a country": (f"{ONE},Canada", "E181", 14, "two letters"),
    "another country": (f"{ONE},GB", "E181", 14, "Correct the country"),
    "no country": (f"{ONE},ZZ", "E181", 14, "Correct the country"),
    "another type": (f"{ONE},US,toll-free", "E181", 17, "local, national, tollfree, mobile"),
    "not toll-free": (f"{ONE},US,tollfree", "TEL408", 17, "Correct the type"),
    "toll-free": (f"{FREE},US,local", "TEL408", 17, "Correct the type"),
    "too many cells": (f"{ONE},US,local,1.00", "E181", 1, "add a header"),
    "an open quote": (f'"{ONE},US', "E181", 1, "Close it"),
    "text after a quote": (f'"{ONE}"x,US', "E181", 1, "Close it"),
    "a control character": ("+1201555\x1b[2K0144", "E112", 1, ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_line_is_refused_with_its_reason_and_costs_no_other(name):
    text, code, column, hint = REFUSED[name]
    delimiter = ";" if ";" in text else ","
    made = read(f"{FREE[:-1]}5{delimiter}US\n\n{text}\n{TWO}{delimiter}US\n")

    assert [n.e164 for n in made.numbers] == [f"{FREE[:-1]}5", TWO]
    (problem,) = made.refused
    at = problem.location
    assert (problem.code, at.file, at.line, at.column) == (code, "pool.csv", 3, column)
    assert hint in problem.hint
    assert problem.detail.endswith(".")
    assert "\x1b" not in problem.detail + problem.hint + at.text


def test_a_number_that_two_lines_contradict_each_other_about_is_refused_once():
    made = read(f"{FREE},US\n{FREE},CA\n{FREE},US\n")

    assert [n.country for n in made.numbers] == ["US"]
    assert [(p.location.line, p.code) for p in made.refused] == [(2, "E181")]
    assert "line 1" in made.refused[0].detail


def test_example_numbers_are_no_stock_of_a_real_carrier():
    assert taken(f"{ONE}\n") == [(ONE, *US, 1)]

    (problem,) = read(f"{ONE}\n", in_service=True).refused
    assert problem.code == "TEL415"


UNREADABLE = {
    "empty": (b"", "E180"),
    "blank": (b"\n  \r\n\n", "E180"),
    "UTF-16": (f"{ONE}\n".encode("utf-16"), "E111"),
    "UTF-16 without a mark": (f"{ONE}\n".encode("utf-16-le"), "E180"),
    "Latin-1": (f"{ONE},Zürich\n".encode("latin-1"), "E111"),
    "xlsx": (b"PK\x03\x04\x14\x00\x06\x00", "E180"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "E180"),
    "binary": (b"\x7fELF\x02\x01\x01\x00\x00", "E180"),
    "two countries": (b"number,country,country code\n+12015550144,US,US\n", "E180"),
    "too large": (b"\n" * (MOST_BYTES + 1), "E180"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_list_is_refused_whole(name):
    raw, code = UNREADABLE[name]

    with pytest.raises(InvalidConfig) as raised:
        read(raw)

    (problem,) = raised.value.problems
    assert problem.code == code
    assert problem.hint


def test_the_line_of_a_byte_that_is_no_text_is_told():
    with pytest.raises(InvalidConfig) as raised:
        read(f"{ONE}\n{TWO}\n".encode() + b"\xff\n")

    assert raised.value.problems[0].location.line == 3
