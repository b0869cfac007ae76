"""What a carrier offers: numbers that can be had, and where it has any."""

from __future__ import annotations

from dataclasses import dataclass

MOST_SOUGHT = 1000
"""The most numbers that one search asks for."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is sought; what is left out does not matter.

    Attributes:
        prefix: How numbers begin, in E.164, such as `+1617`; "" for any.
        contains: Digits that stand in this order somewhere in a number.
        region: A state or province in two capitals.
        limit: The most numbers that are wanted, 1 to `MOST_SOUGHT`.
    """

    prefix: str = ""
    contains: str = ""
    region: str = ""
    limit: int = 10

    def fits(self, e164: str) -> bool:
        """Whether a number's digits are as wanted."""
        return e164.startswith(self.prefix) and self.contains in e164


@dataclass(frozen=True, slots=True)
class Offer:
    """A number that can be had, as its carrier describes it.

    Attributes:
        e164: The number.
        place: City or town, "" where the carrier does not say.
        region: State or province.
        exchange: The rate centre that calls to it are charged to, in the carrier's spelling.
    """

    e164: str
    place: str = ""
    region: str = ""
    exchange: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. Nothing of it is reserved.

    Attributes:
        offers: Numbers, at most as many as were wanted.
        complete: Whether these are all that the carrier has; False where it has more, or
            shows a few at random only.
        note: Where that is not so: how to see others, as a sentence.
        odd: Rows that could not be understood, each as one escaped sentence.
    """

    offers: tuple[Offer, ...]
    complete: bool
    note: str = ""
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """A part of what a carrier offers.

    Attributes:
        prefix: How its numbers begin, in E.164; "" where it is told by place only.
        place: City, town or rate centre.
        region: State or province.
        count: How many numbers it has; None where the carrier does not say.
    """

    prefix: str = ""
    place: str = ""
    region: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where a carrier has numbers.

    Attributes:
        areas: Each part, as the carrier divides them.
        note: How to see more of one, as a sentence; "" where these are the smallest.
        odd: Rows that could not be understood, each as one escaped sentence.
    """

    areas: tuple[Area, ...]
    note: str = ""
    odd: tuple[str, ...] = ()
