"""The settings of VoiceTel's sandbox: its switches, and what each starts as."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from reconciler.sandbox.sorts import (
    Setting,
    flag,
    kept,
    key,
    money,
    span,
    text,
    texts,
    whole,
    word,
)

_HOST: Final = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?"

SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType(
    {
        "api_key": key("opens the account; empty: any bearer token does"),
        "cash": money("1000.00", "what the account started with, in USD"),
        "did_rate": money("1.00", "what a number costs a month, in USD"),
        "seed": whole(1, "another one sells other numbers first", least=1, most=10_000),
        "clock_offset_seconds": span("how far its clock is ahead"),
        "odd_rows": flag("the number list has rows beyond the documents", start=False),
        "account_told": flag("the account tells balance, rates and services", start=True),
        "stale": kept("an old number list, and until when it is shown"),
        # Defences: what it refuses, or does once only, to keep its customers from harm.
        "keys_remembered": flag("an idempotency key is remembered for 24 hours", start=True),
        "errors_remembered": flag("a key remembers answers other than 2xx, too", start=False),
        "key_binds_body": flag("an idempotency key with another body is 400", start=False),
        "natural_key": flag("a number on the account cannot be ordered again", start=True),
        "limiter": flag("scarce endpoints answer 429 after six an hour", start=True),
        "funds_checked": flag("what cannot be paid is refused (402)", start=True),
        "gateway_in_use_kept": flag("a gateway with numbers cannot be removed (409)", start=True),
        "porting_frozen": flag("a number that is porting cannot leave (409)", start=True),
        "acl_overlap_refused": flag("networks of the access list are apart (409)", start=True),
        "port_check_needed": flag("a port needs its check within the hour before", start=True),
        "released_gone": flag("a released number is never sold again", start=True),
        "pin_lock": flag("a port-out PIN stays for 30 days (sdk)", start=True),
        # What VoiceTel's documents leave open.
        "dialect": word("spec: OpenAPI 2.2.10; sdk: what the SDK 2.2.17 reads", "spec", "sdk"),
        "empty_is_404": flag("an empty list is answered 404", start=True),
        "order_id_is_integer": flag("an order's id is a number, not text", start=False),
        "registered": flag("a telephone is registered at the account itself", start=False),
        "admin": flag("the key may do what only administrators may", start=False),
        "cash_for_whole_order": flag("an order is paid whole or refused", start=True),
        "partial_charges_all": flag("a partial order charges what failed, too", start=False),
        "attach_charges": flag("attaching a removed number costs a month", start=False),
        "refunds": flag("a number that leaves gives a month back", start=False),
        "limiter_tells": flag("the 429 of a scarce endpoint has a Retry-After", start=False),
        "gateway_twice": flag("the same gateway may be added again", start=False),
        "gateway_put_resets": flag("what a PUT of a gateway leaves out is reset", start=False),
        "gateway_resolves": flag("a gateway's name comes back as an address", start=False),
        "unresolved": texts("host names that lead nowhere", _HOST, "sip.example.org"),
        "e911_replaces": flag("a second POST of a record replaces the first", start=True),
        "e911_refused": texts("zip codes without any address", r"[0-9]{5}(-[0-9]{4})?", "07102"),
        "e911_writes": texts("how it writes words beside its list", "[^=]+=[^=]*", "CREEK=CRK"),
        "webhooks_down": texts("hosts that do not answer", _HOST, "hook.example.org"),
        "bulk_tells_resource": flag("the bulk state of messages says where they go", start=True),
        "lidb_status": text("Success", "the network's answer to an outbound name"),
        "campaign_step_seconds": whole(60, "how long a step of a slow binding takes"),
        "campaign_fails": text("", "why each slow binding fails; empty: none does"),
        "port_check_is_412": flag("a port without its check is 412, not 400", start=False),
        "port_step_seconds": whole(86400, "how long a port is submitted, then validated"),
        "port_days": whole(4, "from a port's validation to its date", most=3650),
        "unportable": texts("numbers that no port brings", r"[0-9]{10}", "6175550144"),
    }
)
"""What a sandbox starts with; each can be changed while it runs."""
