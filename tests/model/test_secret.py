"""Secrets of a spec, wherever they stand in it."""

import pytest

from reconciler.model.secret import SecretReference, marked_at, marked_in

PIN, ACCOUNT = SecretReference(env="A").marked(), SecretReference(env="B").marked()
SPEC = {"pin": PIN, "losing_carrier": {"account": ACCOUNT, "number": "1"}, "to": "hangup"}


def test_each_is_found_by_its_path():
    assert dict(marked_in(SPEC)) == {"pin": PIN, "losing_carrier.account": ACCOUNT}


def test_each_is_had_at_its_path():
    assert marked_at(SPEC, "losing_carrier.account") == ACCOUNT
    with pytest.raises(KeyError):
        marked_at(SPEC, "losing_carrier.pin")
