"""Anchors, aliases and tags: what makes YAML mean something other than it says."""

from __future__ import annotations

from collections.abc import Iterator

from yaml.events import ScalarEvent

from reconciler.errors import Location, Problem
from reconciler.loader.codes import quoted, told
from reconciler.loader.faults import MAX_PROBLEMS, Event, Faults
from reconciler.loader.scalar import quoting

MAX_TAG = 100
"""Characters of a tag that are told."""


class Anchors:
    """The anchors of one file, told together with their aliases once it is read."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._found: dict[str, tuple[Location, list[Location]]] = {}

    def check(self, *events: Event) -> None:
        """Look at single values and keys."""
        for event in events:
            if type(event) is ScalarEvent and (event.anchor or event.tag):
                self.marked(event)

    def marked(self, event: Event) -> None:
        """Report a tag; note an anchor, told later together with its aliases."""
        text, start = self._faults.source.text, event.start_mark.index
        if event.anchor is not None:
            at = text.find(f"&{event.anchor}", start)
            place = self._faults.source.location(at, at + len(event.anchor) + 1)
            self._found.setdefault(event.anchor, (place, []))
        if event.tag is not None:
            at = text.find("!", start)
            tag = text[at : at + MAX_TAG].split(maxsplit=1)[0]
            self._faults.add(
                told(
                    "E105",
                    self._faults.source.location(at, at + len(tag)),
                    f"The tag {quoted(tag)} asks for something other than text.",
                    "Remove the tag; where the ! belongs to a text, quote the text.",
                )
            )

    def alias(self, event: Event) -> None:
        """Note where an anchor is used; without one, a star was meant."""
        place = self._faults.source.location(event.start_mark.index, event.end_mark.index)
        if event.anchor in self._found:
            self._found[event.anchor][1].append(place)
            return
        star = f"*{event.anchor}"
        self._faults.add(
            told(
                "E117",
                place,
                f"Bare, `{star}` is an alias for a part of the file, not text.",
                f'Quote it: "{star}".',
                fix=quoting(event.start_mark.index, star, self._faults.source.file),
            )
        )

    def problems(self) -> Iterator[Problem]:
        """Tell of every anchor, with its aliases."""
        for name, (place, aliases) in self._found.items():
            yield told(
                "E106",
                place,
                f"`&{name}` makes this part of the file stand in other places too.",
                "Write the part out where it is used; where the & belongs to a text, quote it.",
                related=tuple((alias, "used here") for alias in aliases[:MAX_PROBLEMS]),
            )
