"""A menu: a greeting, keys to press, and what happens when none is pressed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from reconciler.model.flow import compile_flow, repointed, target_of, written_flow
from reconciler.model.flow_nodes import DialExtension, DialNode, Flow, GotoNode, Greeting
from reconciler.model.reference import DESTINATIONS, Destination, Reference, leads_to, named
from reconciler.model.resource import Model, Resource
from reconciler.model.sound import Spoken
from reconciler.model.spec import DIAL, Spec
from reconciler.model.types import (
    Digits,
    DisplayName,
    Flag,
    Missing,
    Unique,
    Whole,
    mistake,
    seconds,
)

Choice = leads_to(
    *DESTINATIONS, words=("hangup", "busy", "operator", "repeat", "back", "directory")
)
"""Where a key leads: a destination, or a word about this menu.

``directory`` asks for the name of a colleague, ``back`` leads to the menu before.
"""


class Invalid(Model):
    """What happens when a key is pressed that leads nowhere."""

    retries: Annotated[Whole, Field(ge=0, le=10)] = 2
    """How often the menu is played again."""

    to: Annotated[
        Choice,  # type: ignore[valid-type]
        Missing("TEL204", "nothing says where callers go after the retries", "Give `to`."),
    ]
    """Where the call goes after that."""

    say: Spoken | None = None
    """What is said before the menu is played again."""


class Timeout(Model):
    """What happens when no key is pressed."""

    after: seconds("1s", "60s") = Decimal(10)  # type: ignore[valid-type]
    """How long to wait for a key."""

    retries: Annotated[Whole, Field(ge=0, le=10)] = 2
    """How often the menu is played again."""

    to: Annotated[
        Choice,  # type: ignore[valid-type]
        Missing("TEL204", "nothing says where callers go after the retries", "Give `to`."),
    ]
    """Where the call goes after that."""


_NO_WAY_ON = (
    "TEL204",
    "nothing says where callers go who {}: the menu would play for ever",
    "Give it with `to`, such as `{{to: operator}}`.",
)


def _missing(what: str) -> Missing:
    code, detail, hint = _NO_WAY_ON
    return Missing(code, detail.format(what), hint.format())


BUILDER = (
    "schedule", "closed", "holiday", "greeting", "options", "operator", "dial_extension",
    "timeout", "invalid",
)  # fmt: skip
"""The fields that make a menu; a `flow` takes the place of all of them."""

_ON_HOLD = {"say": "One moment, please."}
"""What callers hear until a recording is there that leads back to the menu itself."""


def _either(schema: dict[str, Any]) -> None:
    """Say in JSON Schema that there is a menu or a flow."""
    needed = schema.pop("required", [])
    builder: list[dict[str, Any]] = [{"required": [name]} for name in BUILDER]
    schema["oneOf"] = [
        {"required": needed, "not": {"required": ["flow"]}},
        {"required": ["flow"], "not": {"anyOf": builder}},
    ]


class AutoAttendant(Resource):
    """An auto-attendant; published when it is applied. It is a menu or has a `flow`."""

    model_config = ConfigDict(json_schema_extra=_either)

    kind: ClassVar[str] = "auto_attendant"
    section: ClassVar[str] = "auto_attendants"
    published: ClassVar[bool] = True

    name: DisplayName | None = None
    """What people call it."""

    pilot: Annotated[Digits | None, Unique(DIAL)] = None
    """What colleagues dial for it."""

    schedule: named("schedule") | None = None  # type: ignore[valid-type]
    """When it is open."""

    closed: Destination | None = None
    """Where calls go outside its `schedule`."""

    holiday: Destination | None = None
    """Where calls go on holidays of its `schedule`."""

    greeting: Greeting
    """What callers hear."""

    options: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")], Choice],  # type: ignore[valid-type]
        Field(max_length=12),
    ] = Field(default_factory=dict)
    """Where each key leads: "0" to "9", "*" and "#", in quotes."""

    operator: Destination | None = None
    """Where the word ``operator`` leads."""

    dial_extension: DialExtension | None = None
    """Which extensions callers may dial; left out: none."""

    timeout: Annotated[Timeout, _missing("press nothing")]
    """What happens when no key is pressed."""

    invalid: Annotated[Invalid, _missing("press a wrong key")]
    """What happens when a key is pressed that leads nowhere."""

    flow: Flow | None = None
    """The whole flow, node by node, in place of all fields that make a menu."""

    publish: Flag = True
    """Whether callers meet it once it is applied; false keeps it a draft."""

    @model_validator(mode="before")
    @classmethod
    def _of_flow(cls, values: Any, info: ValidationInfo) -> Any:
        """Read a flow. The menu's fields then show the first menu of it, for rules of menus.

        They are no part of its settings: `spec` and `references` leave them out.
        """
        if not isinstance(values, Mapping) or values.get("flow") is None:
            return values
        beside = [f"`{name}`" for name in BUILDER if name in values]
        if beside:
            raise mistake(
                "E132",
                f"`flow` takes the place of {', '.join(beside)}",
                f"Take {', '.join(beside)} out, or `flow`.",
            )
        try:
            flow = Flow.model_validate(values["flow"], context=info.context)
        except ValidationError:
            return {**values, **_SHOWN}  # told where the flow itself is read
        return {**values, **_SHOWN, **_shown(flow), "flow": flow}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        wants = {self.timeout.to, self.invalid.to, *self.options.values()}
        if "operator" in wants and self.operator is None:
            raise mistake(
                "E132",
                "a key or retry leads to the operator, and there is none",
                "Give `operator`, such as `operator: extension/4201`.",
            )
        if self.schedule is None and (self.closed is not None or self.holiday is not None):
            raise mistake("E132", "`closed` and `holiday` need a `schedule`", "Give a `schedule`.")
        return self

    @classmethod
    def borrows(cls, name: str, values: Mapping[str, Any]) -> bool:
        """Take no fields of a menu from `defaults` where there is a flow."""
        return name not in BUILDER or values.get("flow") is None

    def spec(self) -> dict[str, Any]:
        """Its settings; of one with a flow without those that only show it."""
        made = super().spec()
        if self.flow is None:
            return made
        return {name: value for name, value in made.items() if name not in BUILDER}

    def references(self) -> Iterator[tuple[tuple[str | int, ...], Reference]]:
        """Each reference that is written in it, those inside its flow among them."""
        for path, reference in super().references():
            if self.flow is None or path[0] not in BUILDER:
                yield path, reference

    @classmethod
    def bare(cls, spec: Spec, paths: Collection[tuple[str | int, ...]]) -> dict[str, Any] | None:
        """Cut its links at `paths`: callers without a key hang up until it is linked."""
        if spec.get("flow") is not None:
            return {**spec, "flow": _unlinked(spec["flow"], paths)}
        cut = {str(path[0]) for path in paths}
        left = {name: value for name, value in spec.items() if name not in cut}
        for name in cut & {"timeout", "invalid"}:
            left[name] = {**spec[name], "to": "hangup"}
        if "greeting" in cut:
            left["greeting"] = dict(_ON_HOLD)
        if "operator" in cut:
            left = _without_operator(left)
        return left

    @classmethod
    def compiled(cls, name: str, spec: Spec) -> dict[str, Any] | None:
        """Make the flow graph that callers meet; None while it is to stay a draft."""
        if not spec.get("publish", True):
            return None
        try:
            return written_flow(name, spec["flow"]) if "flow" in spec else compile_flow(name, spec)
        except (AttributeError, KeyError, TypeError):
            return None  # changed from outside into something that is no menu

    @classmethod
    def republished(
        cls, name: str, graph: Mapping[str, Any], renamed: Mapping[str, str]
    ) -> dict[str, Any]:
        """Let its live graph lead to the same objects under their new names."""
        return repointed(graph, name, renamed)


def _without_operator(spec: dict[str, Any]) -> dict[str, Any]:
    made = dict(spec)
    options = made.get("options", {})
    made["options"] = {key: to for key, to in options.items() if target_of(to) != "operator"}
    for name in ("timeout", "invalid"):
        if target_of(made[name]["to"]) == "operator":
            made[name] = {**made[name], "to": "hangup"}
    return made


_SHOWN: Mapping[str, Any] = {
    "greeting": {"say": "-"},
    "timeout": {"to": "hangup"},
    "invalid": {"to": "hangup"},
}
"""What the fields of a menu show where a flow has none that callers meet first."""


def _shown(flow: Flow) -> dict[str, Any]:
    menu = flow.first_menu()
    if menu is None:
        return {}
    return {
        "greeting": menu.greeting,
        "options": {key: _leads(flow, to) for key, to in menu.options.items()},
        "dial_extension": menu.dial_extension,
        "timeout": {"after": menu.timeout.after, "to": _leads(flow, menu.timeout.next)},
        "invalid": {"to": _leads(flow, menu.invalid.next)},
    }


def _leads(flow: Flow, name: str) -> str:
    """Where a node takes callers out of the flow; those that stay in it are told apart there."""
    node = flow.nodes.get(name)
    return node.to if isinstance(node, GotoNode | DialNode) else "hangup"


def _unlinked(flow: Spec, paths: Iterable[tuple[str | int, ...]]) -> dict[str, Any]:
    """Cut links of a flow, each by the way to it: calls that would go there hang up."""
    nodes = dict(flow["nodes"])
    for _, _, name, field, *_ in paths:
        match field:
            case "greeting":
                nodes[name] = {**nodes[name], "greeting": dict(_ON_HOLD)}
            case "dial_extension":
                nodes[name] = {k: v for k, v in nodes[name].items() if k != field}
            case _:
                nodes[name] = {"type": "hangup", "cause": "normal"}
    return {**flow, "nodes": nodes}
