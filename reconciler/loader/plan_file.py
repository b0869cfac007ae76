"""Reading and writing saved plans. A file is believed only as it was written, byte for byte."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from reconciler.engine.plan import (
    FORMAT_VERSION,
    Envelope,
    Operation,
    Part,
    Plan,
    fingerprint,
    stage_of,
    whole_digest,
)
from reconciler.engine.plan_file import DIGEST, PARTS, plan_chunks
from reconciler.errors import InvalidPlan, ReconcilerError, WrongUsage
from reconciler.kinds import KINDS
from reconciler.loader.codes import printable, quoted
from reconciler.model.address import ACCOUNT, Address, parse_address
from reconciler.model.canonical import canonical

MAX_BYTES = 64 * 1024 * 1024
MAX_OPERATIONS = 1_000_000
MAX_DEPTH = 64
"""Levels of lists and objects; a tenant's file may have 32."""

PLAN_AGAIN = "Plan again: reconciler plan --out FILE"

_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OWNER_ONLY = 0o600

Shape = TypeVar("Shape", bound=BaseModel)


def load_plan(path: Path) -> Plan:
    """Read a saved plan from a file.

    Raises:
        InvalidPlan: It is damaged, edited or not a plan of ours.
        WrongUsage: There is no such file, or it is no file.
    """
    name = str(path)
    try:
        descriptor = os.open(path, _OPEN)
    except OSError as error:
        raise WrongUsage(f"{quoted(name)} cannot be read: {_reason(error)}.", PLAN_AGAIN) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise WrongUsage(f"{quoted(name)} is not a file.", "Name a file saved by plan --out.")
    with open(descriptor, "rb") as file:  # noqa: PTH123 - from the descriptor that was checked
        return read_plan(file.read(MAX_BYTES + 1), name)


def read_plan(raw: bytes, name: str) -> Plan:
    """Read a saved plan.

    Args:
        raw: The whole file.
        name: What to call it in messages.

    Raises:
        InvalidPlan: It is damaged, edited or not a plan of ours. Never another exception.
    """
    reader = _Reader(name)
    document = reader.parsed(raw)
    reader.check_bytes(raw, document)
    parts = reader.parts(document)
    head = {key: value for key, value in document.items() if key not in {PARTS, DIGEST}}
    envelope = reader.model(Envelope, head, ())
    reader.check_times(envelope)
    reader.check_digests(envelope, parts)
    return Plan(envelope=envelope, parts=parts)


class _Reader:
    """The checks of one file, each with its sentence."""

    def __init__(self, name: str) -> None:
        self._name = quoted(name)

    def refuse(self, sentence: str, hint: str = PLAN_AGAIN) -> NoReturn:
        raise InvalidPlan(f"The plan {self._name} {sentence}.", hint) from None

    # Bytes to values.

    def parsed(self, raw: bytes) -> dict[str, Any]:
        if len(raw) > MAX_BYTES:
            self.refuse(f"is larger than {MAX_BYTES // 1024 // 1024} MiB", "Plan fewer tenants.")
        document = self._decoded(raw)
        if not isinstance(document, dict) or document.get("kind") != "plan":
            self.refuse('is not a plan: it has no `"kind":"plan"`')
        self._check_version(document.get("format_version"))
        if _is_deep(document):
            self.refuse(f"is nested more than {MAX_DEPTH} levels deep")
        return document

    def _decoded(self, raw: bytes) -> Any:
        try:
            return json.loads(
                raw.decode("utf-8"),
                object_pairs_hook=_without_duplicates,
                parse_constant=_no_constant,
                parse_float=_no_float,
            )
        except UnicodeDecodeError as error:
            self.refuse(f"is not UTF-8 text (byte {error.start + 1})")
        except json.JSONDecodeError as error:
            self.refuse(f"is not JSON (line {error.lineno}, column {error.colno})")
        except _NotOurs as error:
            self.refuse(str(error))
        except RecursionError:
            self.refuse(f"is nested more than {MAX_DEPTH} levels deep")
        except ValueError:
            self.refuse("has a number that is too long")

    def _check_version(self, version: object) -> None:
        known = FORMAT_VERSION.split(".", maxsplit=1)[0]
        if not isinstance(version, str) or version.split(".")[0] != known:
            shown = quoted(version) if isinstance(version, str) else "none"
            self.refuse(
                f"has the format version {shown}; this version of reconciler reads {known}.x",
                "Plan again, or use the version of reconciler that made it.",
            )

    def check_bytes(self, raw: bytes, document: Mapping[str, Any]) -> None:
        written = _rewritten(document)
        if raw == written:
            return
        if canonical(document.get(DIGEST)) == canonical(json.loads(written)[DIGEST]):
            self.refuse("was reformatted: it holds what was written, in other bytes")
        self.refuse("is damaged or was edited after it was written")

    # Values to a plan.

    def parts(self, document: Mapping[str, Any]) -> tuple[Part, ...]:
        listed = document.get(PARTS)
        if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
            self.refuse("has no list of parts")
        held = [item.get("operations") for item in listed]
        if sum(len(item) for item in held if isinstance(item, list)) > MAX_OPERATIONS:
            self.refuse(f"has more than {MAX_OPERATIONS:,} operations", "Plan fewer tenants.")
        return tuple(self.model(Part, item, (PARTS, n)) for n, item in enumerate(listed))

    def model(self, shape: type[Shape], value: object, path: tuple[str | int, ...]) -> Shape:
        try:
            return shape.model_validate_json(canonical(value), strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = _pointer((*path, *first["loc"]))
            self.refuse(f"is not as a plan must be at {where}: {printable(first['msg'])}")

    def check_times(self, envelope: Envelope) -> None:
        for name in ("created", "expires"):
            try:
                datetime.strptime(getattr(envelope, name), "%Y-%m-%dT%H:%M:%SZ").astimezone(UTC)
            except (ValueError, OverflowError):
                where = _pointer((name,))
                self.refuse(f"is not as a plan must be at {where}: it is no UTC instant")

    def check_digests(self, envelope: Envelope, parts: tuple[Part, ...]) -> None:
        names = [part.part for part in parts]
        if len(set(names)) != len(names):
            self.refuse("has two parts of one name")
        stages = list(map(stage_of, names))
        if stages != sorted(stages):
            self.refuse("has a part of a carrier account in the wrong place")
        for part in parts:
            if (part.kind == "account") is not part.part.startswith(ACCOUNT):
                self.refuse(f"has another kind in part {quoted(part.part)} than its name says")
            self._check_part(part)
        if whole_digest(parts, envelope.scope) != envelope.content_digest:
            self.refuse("does not have the content digest that its parts give")

    def _check_part(self, part: Part) -> None:
        if part.digest() != part.content_digest:
            self.refuse(f"says something else in part {quoted(part.part)} than its digest")
        seen: set[str] = set()
        for operation in part.operations:
            problem = _misplaced(operation, part, seen)
            if problem:
                self.refuse(f"contradicts itself at {quoted(operation.id)}: {problem}")
            seen.add(operation.id)


def _misplaced(operation: Operation, part: Part, earlier: set[str]) -> str:
    """What of an operation the digests do not cover and must hold all the same."""
    if operation.id in earlier:
        return "two operations have that id"
    tenant = part.tenant
    if operation.tenant != tenant or not operation.address.startswith(f"{tenant}/"):
        return "it is another tenant's"
    address = parse_address(operation.address)
    if address is None or operation.kind != address.kind:
        return "its address is not of its kind"
    if not all(_keeps_kind(part, new, was) for new, was in operation.moves):
        return "it changes what is another tenant's, or renames one kind to another"
    if part.goes_last and operation.after is not None:
        return "it leaves something behind in a part that only removes"
    if _lacks_approval(operation, address):
        return "it gives something up for good without asking for the approval of that"
    return _unfounded(operation, earlier)


def _lacks_approval(operation: Operation, address: Address) -> bool:
    kind = KINDS.get(address.kind)
    if kind is None:
        return False
    asked = kind.approvals(address, operation.action, operation.after, operation.to)
    return bool(asked) and operation.approval not in asked


def _unfounded(operation: Operation, earlier: set[str]) -> str:
    """What is wrong with what an operation relies on."""
    if not earlier.issuperset(operation.depends_on):
        return "it depends on what does not come before it"
    relied_on = operation.precondition.model_dump(mode="json")
    if fingerprint(relied_on) != operation.precondition.fingerprint:
        return "its precondition does not have the fingerprint that stands beside it"
    return ""


def _keeps_kind(part: Part, new: str, was: str) -> bool:
    address, before = parse_address(new), parse_address(was or new)
    if address is None or before is None:
        return False
    return address[:2] == before[:2] and address.tenant == part.tenant


class _NotOurs(Exception):
    """JSON that we never write."""


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _NotOurs(f"has the key {quoted(name)} twice in one object")
        found[name] = value
    return found


def _no_constant(text: str) -> NoReturn:
    raise _NotOurs(f"holds {text}, which is no number of JSON")


def _no_float(text: str) -> NoReturn:
    raise _NotOurs(f"holds the fraction {quoted(text)}; amounts are text in a plan")


def _is_deep(document: Any) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH):
        inner = (item.values() if isinstance(item, dict) else item for item in level)
        level = [value for values in inner for value in values if isinstance(value, (dict, list))]
        if not level:
            return False
    return True


def _rewritten(document: Mapping[str, Any]) -> bytes:
    """The document as it would have been written, with the digest that belongs to it."""
    head = {key: value for key, value in document.items() if key != PARTS}
    listed = document.get(PARTS)
    parts = listed if isinstance(listed, list) else []
    written = (canonical(part).decode() for part in parts)
    return "".join(plan_chunks(head, written)).encode("ascii")


def _pointer(path: tuple[str | int, ...]) -> str:
    return quoted("/" + "/".join(map(str, path)))


# Writing.


def write_plan(path: Path, chunks: Iterable[str]) -> None:
    """Save a plan: whole on disk under its name, or not there at all. Only its owner reads it.

    Raises:
        WrongUsage: The name is a link or no file, or its folder cannot be written to.
        ReconcilerError: The disk would not take it.
    """
    name = quoted(str(path))
    _check_target(path, name)
    spare = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        _write_whole(spare, chunks)
        spare.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        text = f"The plan cannot be saved as {name}: {_reason(error)}."
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS}:
            raise WrongUsage(text, "Name a file in a folder that you may write to.") from None
        raise ReconcilerError(text, "Nothing was changed. Save it elsewhere.") from None
    finally:
        with contextlib.suppress(OSError):
            spare.unlink()


def _check_target(path: Path, name: str) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise WrongUsage(
            f"{name} cannot be used: {_reason(error)}.", "Name another file."
        ) from None
    if stat.S_ISLNK(mode):
        raise WrongUsage(f"{name} is a symbolic link.", "Name the file itself.")
    if not stat.S_ISREG(mode):
        raise WrongUsage(f"{name} is not a file.", "Name a file.")


def _write_whole(path: Path, chunks: Iterable[str]) -> None:
    descriptor = os.open(path, _CREATE, _OWNER_ONLY)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - from the descriptor just made
        file.writelines(chunk.encode("ascii") for chunk in chunks)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut as well."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
