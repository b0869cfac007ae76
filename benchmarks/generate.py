"""Make a project of many tenants, the same for the same seed: for measuring, not for calling.

    python -m benchmarks.generate FOLDER --tenants 1000           # a project, one file a tenant
    python -m benchmarks.generate FOLDER --tenants 1000 --change 1    # 1 % of them, changed

A tenant has about a hundred objects: a person is an extension, its devices and usually a
mailbox; a number is routed to a menu, a group or a person. Opening hours, shared mailboxes and
conferences are written where this version has the kinds. Numbers are from the platform's pool,
which `numbers preload FOLDER/numbers.csv` fills. Their area codes (N9X) are kept for the day when
North America needs longer numbers, and no number in them is anybody's (NANPA, expansion codes).
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.kinds import SECTIONS

PROJECT = """\
schema: 1
tenants: tenants/*.yaml
platform: {{kind: sql, url: "{url}"}}
connectors:
  sandbox:
    kind: voicetel
    sandbox: true
    numbers: {{handoff: pbx}}
    gateways: {{pbx: {{host: "sip.example.net:5060"}}}}
secrets:
  keys: [{{env: RECONCILER_KEY}}]
  mac_key: {{env: RECONCILER_MAC_KEY}}
  sink: {{file: .reconciler/generated.ndjson}}
limits:
  deletes: {{percent: 100, count: 1000}}
  quarantines: {{percent: 100, count: 1000}}
  reroutes: {{percent: 100}}
"""

SQLITE = "sqlite:///.reconciler/reconciler.db"
TRADES = ("dental", "legal", "school", "hotel", "motors", "clinic", "freight", "foods", "homes")
WORDS = ("oak", "harbor", "summit", "river", "cedar", "union", "lake", "maple", "park", "stone")
FIRST = ("Ada", "Ben", "Chloe", "Dev", "Elena", "Finn", "Grace", "Hugo", "Ines", "Jonas", "Kira")
LAST = ("Adams", "Baker", "Chen", "Diaz", "Evans", "Fischer", "Gupta", "Hayes", "Ito", "Jones")
TEAMS = ("sales", "support", "billing", "front-desk", "service", "dispatch", "orders", "parts")
PLACES = (
    ("Boston", "MA", "021"),
    ("Denver", "CO", "802"),
    ("Houston", "TX", "770"),
    ("Chicago", "IL", "606"),
    ("Newark", "NJ", "071"),
)
MODELS = ("yealink-t54w", "yealink-t43u", "poly-vvx450", "snom-d785")

SIZES = ((0.5, 25), (0.8, 25), (1.0, 25), (1.3, 15), (2.2, 10))
"""How large tenants are against the usual one, and how many of a hundred are so."""

PEOPLE = 0.25
"""People for each object: a person is an extension, 1.2 devices and 0.8 mailboxes."""

NUMBERS = 0.14
GROUPS = 0.055
MENUS = 0.03
PER_TENANT = 100
"""Numbers set aside for each tenant, so that two never share one."""

OPEN_AREA_CODES = tuple(f"{first}9{last}" for first in range(2, 10) for last in range(10))
EXCHANGES, LINES = 800, 10_000
FIRST_EXTENSION, FIRST_GROUP, FIRST_MENU, SHARED_BOX, ROOM = 2000, 6000, 7000, 8000, 8500


def number_of(serial: int) -> str:
    """The n-th number that nobody has."""
    block, last = divmod(serial, LINES)
    area, exchange = divmod(block, EXCHANGES)
    return f"+1{OPEN_AREA_CODES[area]}{200 + exchange}{last:04}"


@dataclass
class Tenant:
    """One tenant as it is written.

    Attributes:
        index: Its place among all tenants.
        seed: What its choices follow from.
        objects: How many objects the usual tenant has.
        revision: 0, or 1 for what somebody has changed since.
        connector: The carrier account that holds its numbers, "" for the pool.
        counted: How many objects it has come to.
    """

    index: int
    seed: int
    objects: int
    revision: int = 0
    connector: str = ""
    counted: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.seed}/{self.index}")
        choose = self.chance.choice
        self.name = f"{choose(WORDS)}-{choose(TRADES)}-{self.index:05}"
        share = self.chance.choices(*zip(*SIZES, strict=True))[0] * self.objects
        self.people = max(3, round(share * PEOPLE))
        self.groups = max(1, round(share * GROUPS))
        self.menus = max(1, round(share * MENUS))
        self.numbers = min(PER_TENANT, max(1, round(share * NUMBERS)))
        self.sites = 1 if share < self.objects else 2

    def e164s(self) -> Iterator[str]:
        """Its numbers."""
        for n in range(self.numbers):
            yield number_of(self.index * PER_TENANT + n)

    def text(self) -> str:
        """Write its file."""
        self.counted = self.sites + self.groups + self.menus
        self.counted += self.numbers * (3 if self.connector else 1)
        sections = (self._head, self._locations, self._numbers, self._extensions)
        more = (self._groups, self._menus, self._schedule, self._mailbox, self._rooms)
        return "".join(line for section in (*sections, *more) for line in section())

    def _head(self) -> Iterator[str]:
        title = self.name.rpartition("-")[0].replace("-", " ").title()
        yield f"# {title}, made by benchmarks/generate.py from the seed {self.seed}.\n"
        yield f"schema: 1\ntenant: {self.name}\nname: {title}\n"
        yield "timezone: America/New_York\ncountry: US\nfallback: ring_group/main\n"
        yield f'defaults:\n  caller_id: "{next(self.e164s())}"\n  ring_group: {{ring: 20s}}\n'
        yield "dialplan:\n  extension_length: 4\n"
        yield "  ranges: {extensions: 2000-5999, ring_groups: 6000-6999,"
        yield " auto_attendants: 7000-7999}\n"
        yield '  feature_codes: {voicemail: "*97", pickup: "*8"}\n'
        yield f"  emergency: {{notify: [extension/{FIRST_EXTENSION}]}}\n"

    def _locations(self) -> Iterator[str]:
        yield "locations:\n"
        for site in range(self.sites):
            city, region, zone = self.chance.choice(PLACES)
            house, post = self.chance.randrange(1, 900), self.chance.randrange(1, 100)
            yield f"  site-{site}:\n    caller_name: {self.name[:15]}\n"
            yield f"    street: {house} Main St\n    unit: Floor {site + 1}\n    city: {city}\n"
            yield f'    region: {region}\n    postcode: "{zone}{post:02}"\n    country: US\n'

    def _numbers(self) -> Iterator[str]:
        yield "numbers:   # a line that goes is quarantined: still owned and billed\n"
        held = f"connector: {self.connector}, " if self.connector else ""
        for n, e164 in enumerate(self.e164s()):
            label, target = ("Main line", "auto_attendant/main") if n == 0 else self._routed(n)
            site = self.chance.randrange(self.sites)
            place = (
                f", location: site-{site}" if self.connector else ""
            )  # registered where it is held
            yield f'  "{e164}": {{label: {label}, {held}to: {target}{place}}}\n'

    def _routed(self, n: int) -> tuple[str, str]:
        draw = self.chance.random()
        if draw < 0.55:  # noqa: PLR2004 - most numbers are somebody's direct line
            return f"Direct {n}", f"extension/{self._person()}"
        if draw < 0.9:  # noqa: PLR2004 - and most of the others a team's
            return f"Team {n}", f"ring_group/{self._team(self.chance.randrange(self.groups))}"
        return f"Menu {n}", f"auto_attendant/{self._menu(self.chance.randrange(self.menus))}"

    def _extensions(self) -> Iterator[str]:
        yield "extensions:\n"
        for n in range(self.people):
            digits = FIRST_EXTENSION + n
            has_mailbox, has_mobile = self.chance.random() < 0.8, self.chance.random() < 0.2  # noqa: PLR2004 - usual shares
            who = f"{self.chance.choice(FIRST)} {self.chance.choice(LAST)}"
            yield f'  "{digits}":   # {TEAMS[n % len(TEAMS)]}\n    name: {who}\n'
            yield f"    email: x{digits}@{self.name}.example\n    location: site-{n % self.sites}\n"
            yield "    outbound: [internal, emergency, local, national]\n    devices:\n"
            yield f"      desk:\n        model: {self.chance.choice(MODELS)}\n"
            yield f'        mac: "{_mac(self.index * PER_TENANT * 10 + n)}"\n'
            yield "        sip_password: {generate: true, version: 1}\n"
            yield "      mobile: {kind: softphone}\n" if has_mobile else ""
            if has_mailbox or n == 0:
                yield "    voicemail:\n      transcribe: false\n      max_message: 120s\n"
                yield "      email: {attach: true, delete_after_send: false}\n"
                yield "    forward:\n      no_answer: {after: 20s, to: voicemail_box/"
                yield f"{digits}}}\n      busy: voicemail_box/{digits}\n"
            self.counted += 2 + has_mobile + (has_mailbox or n == 0)

    def _groups(self) -> Iterator[str]:
        yield "ring_groups:\n"
        strategies = ("simultaneous", "sequential", "longest_idle", "round_robin")
        for n in range(self.groups):
            most = min(self.people, 6)
            members = self.chance.sample(range(self.people), self.chance.randint(2, most))
            yield f'  {self._team(n)}:\n    pilot: "{FIRST_GROUP + n}"\n'
            yield f"    strategy: {self.chance.choice(strategies)}\n    members:\n"
            for member in members:
                yield f"      - {{to: extension/{FIRST_EXTENSION + member}, ring: 15s}}\n"
            wait = 40 + (5 * self.revision if n == 0 else 0)
            yield f"    overflow: {{after: {wait}s, to: voicemail_box/{FIRST_EXTENSION}}}\n"

    def _menus(self) -> Iterator[str]:
        yield "auto_attendants:\n"
        for n in range(self.menus):
            name = self._menu(n)
            yield f'  {name}:\n    pilot: "{FIRST_MENU + n}"\n'
            keys = range(1, min(self.groups, 2 if n else 3) + 1)
            yield f'    greeting: {{say: "{self._greeting(n, keys)}"}}\n'
            if n == 0 and "schedules" in SECTIONS:
                yield "    schedule: office\n    closed: ring_group/main\n"
            yield "    options:\n"
            for key in keys:
                yield f'      "{key}": ring_group/{self._team(key - 1)}\n'
            if name != "main":
                yield '      "9": auto_attendant/main\n'
            yield '      "0": operator\n      "*": repeat\n    operator: ring_group/main\n'
            yield "    timeout: {after: 8s, retries: 2, to: operator}\n"
            yield "    invalid: {retries: 2, to: operator}\n"

    def _greeting(self, n: int, keys: range) -> str:
        teams = ", ".join(f"{key} for {self._team(key - 1)}" for key in keys)
        main = ", 9 for the main menu" if n else ""
        return (
            f"Thank you for calling {self.name}. Press {teams}{main}, 0 for an operator,"
            " or star to hear this again."
        )

    def _schedule(self) -> Iterator[str]:
        if "schedules" not in SECTIONS:
            return
        self.counted += 1
        last = self.chance.choice(("16:00", "17:30", "18:00"))
        yield "schedules:\n  office:\n    open:\n"
        yield '      - {days: mon-thu, hours: "08:00-18:00"}\n'
        yield f'      - {{days: fri, hours: "08:00-{last}"}}\n'
        yield '    holidays:\n      - {name: Christmas Day, date: "12-25"}\n'
        yield "      - {name: Thanksgiving, rule: 4th thu of november, days: 2}\n"

    def _mailbox(self) -> Iterator[str]:
        if "voicemail_boxes" not in SECTIONS:
            return
        self.counted += 1
        yield f'voicemail_boxes:\n  "{SHARED_BOX}":\n    name: Messages for all\n'
        yield f"    owners: [extension/{FIRST_EXTENSION}]\n"
        yield f"    email: {{to: [office@{self.name}.example]}}\n"

    def _rooms(self) -> Iterator[str]:
        if "conferences" not in SECTIONS:
            return
        self.counted += 1
        yield f'conferences:\n  staff:\n    room: "{ROOM}"\n    capacity: 25\n'
        yield "    pin: {generate: true}\n"

    def _person(self) -> int:
        return FIRST_EXTENSION + self.chance.randrange(self.people)

    def _team(self, n: int) -> str:
        if n == 0:
            return "main"
        return f"{TEAMS[n % len(TEAMS)]}{'' if n < len(TEAMS) else f'-{n // len(TEAMS)}'}"

    def _menu(self, n: int) -> str:
        return "main" if n == 0 else f"menu-{n}"


def _mac(serial: int) -> str:
    """A hardware address of the range that every network may use for itself (02:...)."""
    return ":".join(f"{byte:02X}" for byte in (2, *serial.to_bytes(5, "big")))


@dataclass(frozen=True)
class Wish:
    """What is to be made."""

    folder: Path
    tenants: int
    objects: int
    seed: int
    change: float
    connector: str
    url: str


def generate(wish: Wish) -> tuple[int, int, int]:
    """Write a project, or the changed tenants of one; how many tenants, objects and bytes."""
    folder = wish.folder / "tenants"
    folder.mkdir(parents=True, exist_ok=True)
    written = objects = size = 0
    changed = _changed(wish)
    for index in sorted(changed) if changed else range(wish.tenants):
        revision = 1 if index in changed else 0
        tenant = Tenant(index, wish.seed, wish.objects, revision, wish.connector)
        text = tenant.text()
        size += (folder / f"{tenant.name}.yaml").write_text(text, encoding="ascii")
        written, objects = written + 1, objects + tenant.counted
    if not changed:
        (wish.folder / "reconciler.yaml").write_text(PROJECT.format(url=wish.url), encoding="ascii")
        with (wish.folder / "numbers.csv").open("w", encoding="ascii") as stream:
            stream.write("number,country,type\n")
            stream.writelines(f"{e164},US,local\n" for e164 in _all_numbers(wish))
    return written, objects, size


def _all_numbers(wish: Wish) -> Iterator[str]:
    for index in range(wish.tenants):
        yield from Tenant(index, wish.seed, wish.objects).e164s()


def _changed(wish: Wish) -> frozenset[int]:
    """Which tenants somebody has changed: spread over all, the same for the same seed."""
    if not wish.change:
        return frozenset()
    count = max(1, round(wish.tenants * wish.change / 100))
    return frozenset(random.Random(wish.seed).sample(range(wish.tenants), count))


def parse(arguments: list[str]) -> Wish:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.generate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tenants", type=int, default=1000)
    parser.add_argument("--objects", type=int, default=100, help="of the usual tenant")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--change", type=float, default=0, metavar="PERCENT", help="write only these, changed"
    )
    parser.add_argument("--connector", default="", help="sandbox, instead of the pool")
    parser.add_argument("--url", default=SQLITE, help="the platform's database")
    return Wish(**vars(parser.parse_args(arguments)))


def main(arguments: list[str]) -> int:
    """Generate, and say how much and how fast."""
    wish = parse(arguments)
    if wish.tenants * PER_TENANT > len(OPEN_AREA_CODES) * EXCHANGES * LINES:
        sys.stderr.write("There are not that many numbers.\n")
        return 64
    before = time.perf_counter()
    tenants, objects, size = generate(wish)
    seconds = time.perf_counter() - before
    print(f"{tenants} tenants, {objects} objects, {size / 1e6:.1f} MB in {seconds:.1f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
