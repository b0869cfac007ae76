"""Values for the secrets of one part: resolved before anything is written, sealed, handed out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from reconciler.apply.edges import Edges
from reconciler.apply.relied import changes
from reconciler.engine.plan import Operation
from reconciler.engine.rules import EXPLAINED
from reconciler.errors import InvalidConfig, Location, Problem, Unavailable
from reconciler.model.address import Address, parse_address
from reconciler.model.secret import MARK, marked_at, reference_of
from reconciler.protocols import GeneratedSecret, SealedSecret, SecretSource, SecretValue


class Values:
    """The secrets of one run: each resolved once, never printed, gone with the process."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self._values: dict[tuple[str, str], SecretValue] = {}

    def prepare(self, operations: Iterable[tuple[str, Operation]]) -> None:
        """Resolve all references of operations, given with their journal ids.

        Raises:
            Unavailable: No key, no sink for what is generated, or a reference that cannot be
                resolved. Nothing has been written.
            InvalidConfig: A value is not fit for its field; it is not printed.
        """
        listed = list(operations)
        for _, operation in listed:
            self._check_renames(operation)
        todo = [(op_id, op) for op_id, op in listed if op.secret]
        if not todo:
            return
        self.require(operation for _, operation in todo)
        source = self._source()
        problems = [problem for op_id, op in todo for problem in self._resolve(source, op_id, op)]
        if problems:
            raise InvalidConfig(problems)

    def require(self, operations: Iterable[Operation]) -> None:
        """Find out whether secrets could be sealed and handed out; none is resolved.

        Raises:
            Unavailable: No key, or no sink for what is generated.
        """
        todo = [operation for operation in operations if operation.secret]
        if not todo:
            return
        self._source().require_keys()
        if any(map(self.generated, todo)) and self._edges.sink is None:
            raise Unavailable(
                "Passwords would be made, but nobody said where they go.",
                "Give --secrets-out FILE, or set secrets.sink in reconciler.yaml.",
            )

    def _resolve(self, source: SecretSource, op_id: str, operation: Operation) -> list[Problem]:
        address, after = _address(operation), operation.after or {}
        cls = self._edges.kinds[address.kind]
        problems = []
        for name in operation.secret:
            reference = reference_of(marked_at(after, name))
            value = source.resolve(reference, address, name)
            unfit = "" if reference.generate else cls.unfit(address.name, name, value.reveal())
            if unfit:
                problems.append(_unfit(operation, name, cls.unfit_code, unfit))
            self._values[op_id, name] = value
        return [*problems, *self._alike(source, op_id, operation)]

    def _alike(self, source: SecretSource, op_id: str, operation: Operation) -> Iterator[Problem]:
        """Hold the secrets of one object against each other, those that stay as they are too."""
        address, after = _address(operation), operation.after or {}
        cls = self._edges.kinds[address.kind]
        values = {name: self._values[op_id, name].reveal() for name in operation.secret}
        others = cls.secrets(after).keys() - values.keys()
        kept = self._edges.platform.sealed(address) if others else {}
        for name in others & kept.keys():
            with suppress(Unavailable):  # no key opens it any more: it stays as it is
                values[name] = source.open(kept[name].token, address, name).reveal()
        found = cls.alike(values)
        if found is not None:
            name, code, why = found
            yield _unfit(operation, name, code, why)

    def generated(self, operation: Operation) -> bool:
        """Whether an operation makes a secret that somebody must be told."""
        after = operation.after or {}
        return any(_is_generated(after, name) for name in operation.secret)

    def holds(self, op_id: str) -> bool:
        """Whether this process has the values of an operation."""
        return any(key[0] == op_id for key in self._values)

    def sealed(
        self, operation: Operation, address: Address, op_id: str
    ) -> Mapping[str, SealedSecret]:
        """The operation's secrets, sealed for its address."""
        if not operation.secret:
            return {}
        source, after = self._source(), operation.after or {}
        if not self.holds(op_id):
            self._resolve(source, op_id, operation)
        return {
            name: SealedSecret(
                token=source.seal(self._values[op_id, name], address, name),
                version=marked_at(after, name)[MARK]["version"],
            )
            for name in operation.secret
        }

    def of(self, operation: Operation, op_id: str) -> Mapping[str, SecretValue]:
        """The values of an operation's secrets, for what is told them and keeps none of ours."""
        if not operation.secret:
            return {}
        if not self.holds(op_id):
            self._resolve(self._source(), op_id, operation)
        return {name: self._values[op_id, name] for name in operation.secret}

    def resealed(self, was: Address, address: Address) -> Mapping[str, SealedSecret]:
        """The secrets of an object under the name that it gets: a token opens at one only.

        Raises:
            Unavailable: A token cannot be opened. Nothing is made anew instead.
        """
        kept = self._edges.platform.sealed(was)
        if not kept:
            return {}
        source = self._source()
        return {
            name: SealedSecret(
                source.seal(source.open(one.token, was, name), address, name), one.version
            )
            for name, one in kept.items()
        }

    def macs_at(self, address: Address) -> Mapping[str, str]:
        """Keyed fingerprints of the secrets that are stored at an address."""
        kept = self._edges.platform.sealed(address)
        if not kept:
            return {}
        source = self._source()
        return {
            name: source.mac(source.open(one.token, address, name), address, name)
            for name, one in kept.items()
        }

    def _check_renames(self, operation: Operation) -> None:
        """See that whatever is renamed can be sealed for its new name, before any of it is."""
        if operation.was:
            for one in changes(operation, _address(operation)):
                if one.renames:
                    self.resealed(one.was, one.address)

    def macs(self, operation: Operation, address: Address, op_id: str) -> Mapping[str, str]:
        """Keyed fingerprints of what this process wrote, for the ledger only."""
        if not operation.secret or not self.holds(op_id):
            return {}
        source = self._source()
        return {
            name: source.mac(self._values[op_id, name], address, name) for name in operation.secret
        }

    def deliver(self, operations: Iterable[tuple[Operation, Address, str]]) -> None:
        """Hand generated values of operations, given with their journal ids, to the sink.

        They are on disk when this returns.
        """
        sink = self._edges.sink
        if sink is None:
            raise Unavailable(
                "Passwords were made, but nobody said where they go.",
                "Give --secrets-out FILE, then run `reconciler apply` again: they are made anew.",
            )
        sink.deliver(
            [
                GeneratedSecret(address, name, self._values[op_id, name])
                for operation, address, op_id in operations
                for name in operation.secret
                if _is_generated(operation.after or {}, name)
            ]
        )

    def _source(self) -> SecretSource:
        if self._edges.secrets is None:
            raise Unavailable(
                "There is no key to seal secrets with.",
                "Make one: reconciler secrets keygen --into .reconciler/keys says what to set.",
            )
        return self._edges.secrets


def _is_generated(spec: Mapping[str, Any], name: str) -> bool:
    return "generate" in marked_at(spec, name)[MARK]["ref"]


def _address(operation: Operation) -> Address:
    address = parse_address(operation.address)
    if address is None:
        raise Unavailable(f"{operation.address!r} is no address.", "Plan again.")
    return address


_HINTS = {
    "TEL311": "Choose another one, 6 digits or more.",
    "TEL331": "Give each a PIN of its own.",
    "TEL322": "Choose one of 16 characters or more, or let one be generated: {generate: true}.",
}


def _unfit(operation: Operation, name: str, code: str, why: str) -> Problem:
    source = operation.source
    place = Location(source.file, source.line, source.column) if source else Location("plan")
    return Problem(
        code=code,
        summary=EXPLAINED[code][0],
        detail=f"{operation.address}, {name}: {why}. The value is not shown.",
        hint=_HINTS.get(code, "Choose another one."),
        location=place,
        address=operation.address,
    )
