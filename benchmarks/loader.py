"""How fast a tenant's YAML is read, against `CSafeLoader` in the same process.

Run it in the project folder: ``python -m benchmarks.loader``. A ratio above 1 means that ours is
faster; the two take turns, and the medians of several runs are compared.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import yaml

from reconciler.loader.yaml_text import parse_yaml

RUNS = 21
PEOPLE = (48, 480)
"""About 24 and 240 KB of YAML."""

_EXTENSION = """\
  "{digits}":
    name: Person {i}
    email: person{i}@example.com
    location: boston
    devices:
      desk: {{model: yealink-t54w, mac: "00:00:5E:00:53:{octet:02x}"}}   # on the desk
      mobile: {{kind: softphone}}
    voicemail: {{pin: {{env: VM_{digits}_PIN}}, transcribe: true}}
    forward: {{no_answer: {{after: 20s, to: voicemail_box/{digits}}}}}
"""

_RING_GROUP = """\
  team-{i}:
    pilot: "{pilot}"
    strategy: sequential
    members:
      - {{to: extension/{digits}, ring: 10s}}
      - {{to: external/+16175550188, ring: 20s, confirm: true}}
    overflow: {{after: 45s, to: voicemail_box/{digits}}}
"""


def tenant(people: int) -> str:
    """Write a tenant with so many people, a number each, and a ring group for every fourth."""
    digits = [f"{4000 + i}" for i in range(people)]
    return "".join(
        [
            "schema: 1\ntenant: acme\nname: Acme\ntimezone: America/New_York\n\nnumbers:\n",
            *(
                f'  "+1617555{i:04}": {{label: Line {i}, connector: voicetel, '
                f"to: extension/{digits[i]}, location: boston}}\n"
                for i in range(people)
            ),
            "\nextensions:\n",
            *(_EXTENSION.format(i=i, digits=digits[i], octet=i % 256) for i in range(people)),
            "\nring_groups:\n",
            *(
                _RING_GROUP.format(i=i, digits=digits[i], pilot=6000 + i)
                for i in range(0, people, 4)
            ),
        ]
    )


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print both times and their ratio for each size."""
    for people in PEOPLE:
        text = tenant(people)
        raw = text.encode()
        ours, theirs = [], []
        for _ in range(RUNS):
            theirs.append(_seconds(lambda: yaml.load(text, Loader=yaml.CSafeLoader)))  # noqa: B023
            ours.append(_seconds(lambda: parse_yaml(raw, "acme.yaml")))  # noqa: B023
        slow, fast = statistics.median(theirs), statistics.median(ours)
        print(
            f"{len(raw) / 1000:6.1f} KB   CSafeLoader {slow * 1000:7.2f} ms   "
            f"parse_yaml {fast * 1000:7.2f} ms   ratio {slow / fast:.2f}"
        )


if __name__ == "__main__":
    main()
