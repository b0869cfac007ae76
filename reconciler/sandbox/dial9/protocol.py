"""How any Dial 9 action is asked and answered: parameters, envelope, lists.

The rules are those of Moonrope 2.0.3, the framework that the API is built on, and stand in
its source: everything that reaches an action is answered 200, and `status` says what came of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from reconciler.sandbox.wsgi import Reply, Request

MOST_PER_PAGE: Final = 60
DEFAULT_PER_PAGE: Final = 30
PATH: Final = re.compile(r"/api/v[0-9]+/([a-z0-9_]+)/([a-z0-9_]+)")

_JSON_TYPE: Final = re.compile(r"\Aapplication/json(;|\Z)", re.IGNORECASE)
_RUBY: Final[Mapping[type, str]] = {
    str: "String",
    int: "Integer",
    float: "Float",
    bool: "TrueClass",
    list: "Array",
    dict: "Hash",
}
_BOOLEANS: Final = (True, False, 1, 0, "true", "false", "1", "0")
_TRUE: Final = (True, 1, "true", "1")

Json = dict[str, Any]


class Failed(Exception):
    """An action ends badly. Whatever it had written is taken back.

    Attributes:
        status: The envelope's status.
        data: What stands in it.
    """

    def __init__(self, status: str, data: Json) -> None:
        self.status = status
        self.data = data
        super().__init__(status)


class BrokenJson(Exception):
    """The parameters cannot be read."""


def coded(code: str, message: str, **attributes: object) -> Failed:
    """An error as the new edition documents them."""
    return Failed("error", {"code": code, "message": message, **attributes})


def wrong_parameter(message: str) -> Failed:
    """A parameter that does not fit: the action is not begun."""
    return Failed("parameter-error", {"message": message})


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of an action, checked as the framework does.

    Attributes:
        type: A Ruby class, `boolean` for what is coerced, "" for what is not checked.
        default: Taken when the key is not sent. An explicit null takes none.
    """

    name: str
    type: str = ""
    required: bool = False
    default: object = None
    options: tuple[str, ...] = ()


class Params(Mapping[str, Any]):
    """The parameters that were sent, and the defaults of those that were not."""

    def __init__(self, sent: Mapping[str, Any], declared: Iterable[Param]) -> None:
        self._values = {}
        for param in declared:
            value = sent.get(param.name, param.default)
            value = None if value == "" else value
            _check(param, value)
            if param.type == "boolean" and value is not None:
                value = value in _TRUE
            # A key that was not sent is not copied, unless a default speaks for it.
            if param.name in sent or param.default:
                self._values[param.name] = value

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _check(param: Param, value: object) -> None:
    """Refuse a value: is it there, is it an option, is it of the type; in this order."""
    if param.required and value is None:
        raise wrong_parameter(f"`{param.name}` parameter is required but is missing")
    if param.options and value is not None and value not in param.options:
        raise wrong_parameter(f"`{param.name}` must be one of {', '.join(param.options)}")
    if param.type == "boolean":
        known = isinstance(value, bool | int | str) and value in _BOOLEANS
        if value is not None and not known:
            raise wrong_parameter(f"`{param.name}` should be a boolean value")
    elif param.type and value is not None and value is not False:
        # false and null are not looked at: the framework asks whether there is anything to check.
        is_a = _RUBY.get(type(value), "Object")
        if is_a != param.type:
            raise wrong_parameter(f"`{param.name}` should be a `{param.type}` but is a `{is_a}`")


def params_of(request: Request) -> Mapping[str, Any]:
    """Read what was sent: the body when it is JSON, else what `params` holds."""
    if _JSON_TYPE.match(request.headers.get("content-type", "")):
        return _object(request.body.decode("utf-8", "replace"))
    form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    text = form.get("params", request.query.get("params", ""))
    return _object(text) if text else {}


def _object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise BrokenJson from None
    if not isinstance(value, dict):
        raise BrokenJson
    return value


@dataclass(frozen=True, slots=True)
class Answer:
    """What an action gives back, with what is said of a list."""

    data: Any
    flags: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be asked.

    Attributes:
        run: Does it; raises Failed, or gives data or an Answer.
        params: In the order in which they are checked.
        editions: Which have it.
        seconds: What stands as `time` in its answers.
        reseller: Whether only a reseller's credentials may.
    """

    run: Callable[[Any, Params], Any]
    params: tuple[Param, ...] = ()
    editions: tuple[str, ...] = ("telcom", "connect")
    seconds: float = 0.01
    reseller: bool = False


Actions = tuple[tuple[str, Action], ...]
"""Each with its `controller/action`; the editions may have different ones of that name."""


def is_read(path: str) -> bool:
    """Whether an action only looks, by its name."""
    name = path.rpartition("/")[2]
    return name in {"list", "info", "show"} or name.startswith(("available_", "acquirable_"))


def envelope(status: str, data: object, seconds: float | None, flags: Json | None = None) -> Reply:
    """What reached an action is answered 200, whatever came of it."""
    return json_reply(200, {"status": status, "time": seconds, "flags": flags or {}, "data": data})


def json_reply(status: int, body: Json) -> Reply:
    """A body of this API."""
    return Reply(status, json.dumps(body).encode(), headers=(("Access-Control-Allow-Origin", "*"),))


# Lists.

PAGING: Final = (
    Param("page", "Integer", required=True, default=1),
    Param("per_page", "Integer", required=True, default=DEFAULT_PER_PAGE),
)
FILTERS: Final = Param("filters", "Hash")

_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda have, want: have == want,
    "not_eq": lambda have, want: have != want,
    "starts_with": lambda have, want: str(have).startswith(str(want)),
    "ends_with": lambda have, want: str(have).endswith(str(want)),
    "gt": lambda have, want: have > want,
    "gte": lambda have, want: have >= want,
    "lt": lambda have, want: have < want,
    "lte": lambda have, want: have <= want,
    "in": lambda have, want: have in want,
    "not_in": lambda have, want: have not in want,
}


def sorting(names: tuple[str, ...]) -> tuple[Param, ...]:
    """Parameters of a list that can be sorted by some of its fields."""
    return (
        Param("sort_by", "String", default=names[0], options=names),
        Param("order", "String", default="asc", options=("asc", "desc")),
    )


def listed(rows: Sequence[Json], params: Params, allowed: Mapping[str, tuple[str, ...]]) -> Answer:
    """Filter, sort and page; `allowed` has the operators of each field that can be filtered."""
    flags: Json = {}
    found = list(rows)
    if params.get("filters"):
        flags["filters"] = params["filters"]
        found = [row for row in found if _fits(row, params["filters"], allowed)]
    if by := params.get("sort_by"):
        flags["sorted"] = {"by": by, "order": params["order"]}
        found.sort(key=lambda row: _place(row, by), reverse=params["order"] == "desc")
    page, per_page = params["page"], params["per_page"]
    per_page = per_page if 1 <= per_page <= MOST_PER_PAGE else MOST_PER_PAGE
    flags["paginated"] = {
        "page": page,
        "per_page": per_page,
        "total_pages": -(-len(found) // per_page),
        "total_records": len(found),
    }
    first = (max(page, 1) - 1) * per_page
    return Answer(found[first : first + per_page], flags)


def _place(row: object, by: str) -> str:
    """Where a row stands; numbers by their size, odd rows first."""
    return str(row.get(by)).zfill(20) if isinstance(row, dict) else ""


def _fits(row: Json, filters: Json, allowed: Mapping[str, tuple[str, ...]]) -> bool:
    for name, asked in filters.items():
        if name not in allowed:
            raise _filter_error("UnsupportedAttribute", f"`{name}` cannot be filtered")
        whole = isinstance(asked, dict)
        operator = asked.get("operator") if whole else allowed[name][0]
        value = asked.get("value") if whole else asked
        if operator not in _OPERATORS:
            raise _filter_error("InvalidOperator", f"`{operator}` is no operator")
        if operator not in allowed[name]:
            raise _filter_error("UnsupportedOperator", f"`{name}` does not take `{operator}`")
        if operator in {"in", "not_in"} and not isinstance(value, list):
            raise _filter_error("ArrayNeeded", f"`{operator}` needs an array")
        if not _OPERATORS[operator](row.get(name), value):
            return False
    return True


def _filter_error(issue: str, message: str) -> Failed:
    return coded(
        "FilterError", "The filters cannot be used", issue_code=issue, issue_message=message
    )


# Times: three forms in one API.


def iso(seconds: float | None, *, fresh: bool = False) -> str | None:
    """`Time`: ISO 8601 in UTC. Milliseconds show before a record is read again, then `.000`."""
    if seconds is None:
        return None
    at = datetime.fromtimestamp(seconds, UTC)
    thousandths = at.microsecond // 1000 if fresh else 0
    return f"{at:%Y-%m-%dT%H:%M:%S}.{thousandths:03d}Z"


def ruby(seconds: float) -> str:
    """`Timestamp`: as Ruby writes a time."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S +0000}"
