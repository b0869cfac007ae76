"""A flow as an author writes it, node by node: ADR 0010 but for `format` and `name`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from reconciler.model.flow import MOST_NODES
from reconciler.model.reference import DESTINATIONS, named, refers_to
from reconciler.model.resource import Model
from reconciler.model.sound import Language, Spoken, Voice
from reconciler.model.types import Missing, Short, Whole, mistake, seconds

# What menus that are written out share with those that are built.


class Greeting(Model):
    """What callers hear: either words to speak or a recording."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["say"]}, {"required": ["play"]}]}
    )

    say: Spoken | None = None
    """Text that is spoken."""

    play: named("audio") | None = None  # type: ignore[valid-type]
    """A recording."""

    language: Language | None = None
    """The language of `say`, such as ``en-US``."""

    voice: Voice | None = None
    """The voice of `say`."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.say is None) == (self.play is None):
            raise mistake("E123", "a greeting either says or plays", "Give `say` or `play`.")
        return self


def _as_list(value: object) -> object:
    return [value] if value == "all" else value


class DialExtension(Model):
    """Which extensions callers may dial while the menu plays."""

    allow: Annotated[
        tuple[refers_to("extension", words=("all",)), ...],  # type: ignore[valid-type]
        Short(_as_list, ("const", "all")),
        Field(min_length=1, max_length=500),
    ]
    """``all``, or a list of extensions."""

    inter_digit: seconds("0.5s", "10s") = Decimal(2)  # type: ignore[valid-type]
    """How long to wait for the next digit."""


# Nodes.

Wait = seconds("0s", "120s")

_Node = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]
_LEADS_NOWHERE = ("TEL204", "nothing says where callers go then", "Give `next`: a node's name.")


class FlowTimeout(Model):
    """What happens at a menu when no key is pressed."""

    after: seconds("1s", "60s") = Decimal(10)  # type: ignore[valid-type]
    """How long to wait for a key."""

    retries: Annotated[Whole, Field(ge=0, le=10)] = 2
    """How often the menu is played again."""

    next: Annotated[_Node, Missing(*_LEADS_NOWHERE)]
    """The node after that."""


class FlowInvalid(Model):
    """What happens at a menu when a key is pressed that leads nowhere."""

    retries: Annotated[Whole, Field(ge=0, le=10)] = 2
    """How often the menu is played again."""

    next: Annotated[_Node, Missing(*_LEADS_NOWHERE)]
    """The node after that."""

    say: Spoken | None = None
    """What is said before the menu is played again."""


class MenuNode(Model):
    """A greeting, then keys."""

    type: Literal["menu"]
    """`menu`"""

    greeting: Greeting
    """What callers hear."""

    options: dict[_Key, _Node] = Field(default_factory=dict, max_length=12)
    """The node that each key leads to."""

    timeout: FlowTimeout
    """What happens when no key is pressed."""

    invalid: FlowInvalid
    """What happens when a key is pressed that leads nowhere."""

    dial_extension: DialExtension | None = None
    """Which extensions callers may dial; left out: none."""


class PlayNode(Greeting):
    """A sound, then the next node."""

    type: Literal["play"]
    """`play`"""

    next: _Node
    """The node after it."""


class ScheduleNode(Model):
    """Where callers go by the time of day."""

    type: Literal["schedule"]
    """`schedule`"""

    schedule: named("schedule")  # type: ignore[valid-type]
    """When it is open."""

    open: _Node
    """The node while it is open."""

    closed: _Node
    """The node while it is closed."""

    holiday: _Node | None = None
    """The node on holidays; left out: that of `closed`."""


class GotoNode(Model):
    """Another attendant, which remembers this one."""

    type: Literal["goto"]
    """`goto`"""

    to: refers_to("auto_attendant")  # type: ignore[valid-type]
    """The attendant."""

    after: Wait | None = None  # type: ignore[valid-type]
    """How long callers hear ringing before."""


class DialNode(Model):
    """Somebody who is called, and the end of the flow."""

    type: Literal["dial"]
    """`dial`"""

    to: refers_to(*(kind for kind in DESTINATIONS if kind != "auto_attendant"))  # type: ignore[valid-type]
    """Whom to call."""

    after: Wait | None = None  # type: ignore[valid-type]
    """How long callers hear ringing before."""


class BackNode(Model):
    """The menu that called this one; this one again when none did."""

    type: Literal["back"]
    """`back`"""


class HangupNode(Model):
    """The end."""

    type: Literal["hangup"]
    """`hangup`"""

    cause: Literal["normal", "busy"] = "normal"
    """What the caller hears."""

    after: Wait | None = None  # type: ignore[valid-type]
    """How long callers hear ringing before."""


class Flow(Model):
    """A flow graph, written node by node."""

    start: _Node
    """The node where a call enters."""

    nodes: dict[
        _Node,
        Annotated[
            MenuNode | PlayNode | ScheduleNode | GotoNode | DialNode | BackNode | HangupNode,
            Field(discriminator="type"),
        ],
    ] = Field(min_length=1, max_length=MOST_NODES)
    """Its nodes, by name."""

    def first_menu(self) -> MenuNode | None:
        """The menu that a caller meets while it is open, if there is one."""
        name, seen = self.start, set[str]()
        while name in self.nodes and name not in seen:
            seen.add(name)
            match self.nodes[name]:
                case MenuNode() as menu:
                    return menu
                case PlayNode() as played:
                    name = played.next
                case ScheduleNode() as hours:
                    name = hours.open
                case _:
                    return None
        return None
