"""Secrets: references are resolved, values sealed, fingerprinted, delivered and redacted.

This file is the only importer of cryptography. A value exists as `SecretValue` from the
moment it is read until the one place that must have it calls `reveal`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets as token_source
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from reconciler.errors import Exit, Unavailable
from reconciler.model.address import Address
from reconciler.model.pin import weak_pin
from reconciler.model.secret import SecretReference
from reconciler.protocols import SecretValue
from reconciler.secrets.pins import made_pin
from reconciler.secrets.redactor import Redactor
from reconciler.secrets.sinks import FileSink, TerminalSink
from reconciler.secrets.sources import (
    EXEC_SECONDS,
    Found,
    Missing,
    from_file,
    from_input,
    from_program,
    from_variable,
)
from reconciler.settings.references import Allow, named

__all__ = [
    "FileSink",
    "Redactor",
    "TerminalSink",
    "Unusable",
    "Vault",
    "keygen",
    "project_address",
    "weak_pin",
]

MAC_KEY_BYTES = 32
GENERATED_BYTES = 18
"""As 24 characters of A-Z a-z 0-9 - _: 144 bits."""

GENERATED_DIGITS: Mapping[str, int] = {
    "pin": 8,
    "moderator_pin": 8,
    "port_out_pin": 4,  # all that a carrier takes (VoiceTel API 2.2, PATCH port-out-pin)
}
"""Fields whose secret is digits, and how many are generated."""

_MAC_PREFIX = b"reconciler-secret-mac/v1\n"
_KEYGEN = (
    "Run `reconciler secrets keygen --into FOLDER` where no key was ever made: it writes "
    "FOLDER/fernet and FOLDER/mac and says what to set; without --into it prints them, "
    "for variables. Else give the key that was made; nothing was changed."
)


class Unusable(Unavailable):
    """A reference that may not be used, or a token or key that is not what it must be: 3."""

    exit_code = Exit.INVALID


def keygen() -> tuple[str, str]:
    """Make a Fernet key and a MAC key, each as one printable line for a variable."""
    mac_key = base64.urlsafe_b64encode(token_source.token_bytes(MAC_KEY_BYTES))
    return Fernet.generate_key().decode(), mac_key.decode()


def project_address(what: str) -> Address:
    """Address that a token sealed for the project itself is bound to.

    `what` is the setting: `connectors.voicetel.credentials.api_key`. The field is `value`.
    """
    return Address("@project", "setting", what)


class Vault:
    """Resolves references, seals and opens values: `protocols.SecretSource`.

    Args:
        keys: Fernet keys, newest first; all of them open, the first seals.
        mac_key: The key of fingerprints; it never rotates.
        allow: What references in tenant files may reach.
        environment: The process environment.
        root: The project folder.
        redactor: Learns every value that passes.
        exec_seconds: How long a program may take.

    Raises:
        Unavailable: There is no key, or a reference cannot be resolved (7).
        Unusable: It may not be used, or what it holds is not what it must be (3).
    """

    __slots__ = (
        "_allow", "_each", "_environment", "_fernet", "_keys", "_mac", "_mac_key", "_root",
        "_seconds", "redactor",
    )  # fmt: skip

    def __init__(
        self,
        *,
        keys: Sequence[SecretReference],
        mac_key: SecretReference | None,
        allow: Allow,
        environment: Mapping[str, str],
        root: Path,
        redactor: Redactor | None = None,
        exec_seconds: float = EXEC_SECONDS,
    ) -> None:
        self._keys = tuple(keys)
        self._mac_key = mac_key
        self._allow = allow
        self._environment = environment
        self._root = root
        self._seconds = exec_seconds
        self._fernet: MultiFernet | None = None
        self._each: tuple[Fernet, ...] = ()
        self._mac: bytes | None = None
        self.redactor = redactor or Redactor()

    def __repr__(self) -> str:
        return "Vault()"

    def __reduce__(self) -> str:
        raise TypeError("a vault holds keys and is not pickled")

    def resolve(self, reference: SecretReference, address: Address, field_name: str) -> SecretValue:
        """Resolve a reference of a tenant file. `generate` makes a new one."""
        refusal = self._allow.refusal(reference)
        if refusal:
            raise Unusable(
                f"The {field_name} of {address} cannot be had from {named(reference)}: {refusal}.",
                "Use what secrets.allow of the project file lists.",
            )
        if reference.generate:
            return self._generated(address, field_name)
        return self._found(reference, f"The {field_name} of {address}", address, field_name)

    def resolve_project(self, reference: SecretReference, what: str) -> SecretValue:
        """Resolve a reference of the project file, which no allow-list binds.

        `what` is the setting it stands at, such as `connectors.voicetel.credentials.api_key`.
        """
        return self._found(reference, what, project_address(what), "value")

    def seal(self, value: SecretValue, address: Address, field_name: str) -> str:
        """Make a token that opens at this address and field only.

        Fernet has no associated data, so the address is inside and checked on opening.
        """
        body = {"a": str(address), "f": field_name, "v": value.reveal()}
        self.redactor.add(value.reveal())
        return self._keyring().encrypt(json.dumps(body).encode()).decode()

    def open(self, token: str, address: Address, field_name: str) -> SecretValue:
        """Take the value out of a token that `seal` made for this address and field."""
        return self._opened(token, f"The {field_name} of {address}", address, field_name)

    def given(self, raw: bytes) -> SecretValue:
        """Take a value that somebody typed or piped in.

        Raises:
            Unusable: It is empty, too long or no text.
        """
        answer = from_input(raw)
        if isinstance(answer, Missing):
            raise Unusable(f"There is no value to seal: {answer.reason}.", "Nothing was sealed.")
        return self._known(answer.value)

    def resealed(self, token: str, address: Address | None = None, field_name: str = "") -> str:
        """Seal what is in a token again with the newest key; the same token when it is so already.

        Args:
            token: As `seal` made it.
            address: Where it is, when that is known: a token of another object is refused.
            field_name: The field there.

        Raises:
            Unusable: None of the keys opens it, or it belongs elsewhere.
        """
        what = f"The {field_name} of {address}" if address is not None else "A sealed token"
        raw = token.encode("utf-8", "replace")
        keyring, body = self._keyring(), None
        with suppress(InvalidToken):
            body = keyring.decrypt(raw)
        read = _body(body) if body is not None else None
        if read is None:
            raise _not_ours(what)
        if address is not None and (read["a"], read["f"]) != (str(address), field_name):
            raise _elsewhere(what)
        with suppress(InvalidToken):
            self._newest().decrypt(raw)
            return token
        return keyring.rotate(raw).decode()

    def mac(self, value: SecretValue, address: Address, field_name: str) -> str:
        """Make a keyed fingerprint, for the ledger only: HMAC-SHA-256, 64 hexadecimal digits."""
        body = json.dumps([str(address), field_name, value.reveal()]).encode()
        return hmac.new(self._fingerprint_key(), _MAC_PREFIX + body, hashlib.sha256).hexdigest()

    def require_keys(self) -> None:
        """Fail now, with the next step, when there is no key to seal with."""
        self._keyring()
        self._fingerprint_key()

    def _found(
        self, reference: SecretReference, what: str, address: Address, field_name: str
    ) -> SecretValue:
        if reference.sealed is not None:
            return self._opened(reference.sealed, what, address, field_name)
        answer = self._looked_up(reference)
        if isinstance(answer, Missing):
            raise Unavailable(
                f"{what} cannot be had from {named(reference)}: {answer.reason}.",
                "Correct the reference or what it points at; nothing was changed here.",
            )
        return self._known(answer.value)

    def _looked_up(self, reference: SecretReference) -> Found | Missing:
        if reference.env is not None:
            return from_variable(reference.env, self._environment)
        if reference.file is not None:
            return from_file(reference.file, self._root)
        if reference.exec is not None:
            return from_program(reference.exec, self._environment, self._root, self._seconds)
        return Missing("nothing is generated here")

    def _generated(self, address: Address, field_name: str) -> SecretValue:
        digits = GENERATED_DIGITS.get(field_name)
        if digits is None:
            return self._known(token_source.token_urlsafe(GENERATED_BYTES))
        return self._known(made_pin(digits, address.name))

    def _known(self, value: str) -> SecretValue:
        self.redactor.add(value)
        return SecretValue(value)

    def _opened(self, token: str, what: str, address: Address, field_name: str) -> SecretValue:
        keyring = self._keyring()
        try:
            raw = keyring.decrypt(token.encode("utf-8", "replace"))
        except InvalidToken:
            raise _not_ours(what) from None
        body = _body(raw)
        if body is None:
            raise _not_ours(what)
        self.redactor.add(body["v"])
        if (body["a"], body["f"]) != (str(address), field_name):
            raise _elsewhere(what)
        return SecretValue(body["v"])

    def _keyring(self) -> MultiFernet:
        if self._fernet is None:
            if not self._keys:
                raise Unavailable("There is no key to seal secrets with.", _KEYGEN)
            self._each = tuple(self._key(index) for index in range(len(self._keys)))
            self._fernet = MultiFernet(self._each)
        return self._fernet

    def _newest(self) -> Fernet:
        self._keyring()
        return self._each[0]

    def _key(self, index: int) -> Fernet:
        value = self._key_text(self._keys[index], f"The key secrets.keys.{index}")
        fernet = None
        with suppress(ValueError, binascii.Error):
            fernet = Fernet(value)
        if fernet is None:
            raise Unusable(f"What secrets.keys.{index} gives is no Fernet key.", _KEYGEN)
        return fernet

    def _fingerprint_key(self) -> bytes:
        if self._mac is None:
            if self._mac_key is None:
                raise Unavailable("There is no key for fingerprints of secrets.", _KEYGEN)
            raw = _decoded(self._key_text(self._mac_key, "The key secrets.mac_key"))
            if raw is None:
                raise Unusable("What secrets.mac_key gives is no key made by keygen.", _KEYGEN)
            self._mac = raw
        return self._mac

    def _key_text(self, reference: SecretReference, what: str) -> str:
        answer = self._looked_up(reference)
        if isinstance(answer, Missing):
            raise Unavailable(
                f"There is no key: {what} comes from {named(reference)}, but {answer.reason}.",
                _KEYGEN,
            )
        return self._known(answer.value).reveal()


def _not_ours(what: str) -> Unusable:
    return Unusable(
        f"{what} cannot be opened: the token is damaged, or its key is not among secrets.keys.",
        "Add the key it was sealed with, as an older one, or seal the value again.",
    )


def _elsewhere(what: str) -> Unusable:
    # Whose it is stays unsaid: a token tried elsewhere must not tell of other tenants.
    return Unusable(
        f"{what} cannot be opened: its token was sealed for another object or field.",
        "Seal the value again for this one, or use another form.",
    )


def _body(raw: bytes) -> dict[str, str] | None:
    """Read what `seal` wrote. Whoever has a key wrote it, but perhaps another program."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    right = isinstance(body, dict) and body.keys() == {"a", "f", "v"}
    return body if right and all(isinstance(item, str) for item in body.values()) else None


def _decoded(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return raw if len(raw) == MAC_KEY_BYTES else None
