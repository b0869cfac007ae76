"""The switches of a sandbox, and what each starts as."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

SETTINGS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "api_key": "",  # empty: any bearer token is taken
        "cash": "1000.00",
        "did_rate": "1.00",
        "seed": 1,
        "clock_offset_seconds": 0,
        "keys_remembered": True,  # an idempotency key is remembered for 24 hours
        "errors_remembered": False,  # so are answers other than 2xx
        "natural_key": True,  # a number on the account cannot be ordered again
        "empty_is_404": True,  # an empty list is answered 404
        "account_told": True,  # the account tells its balance, its rates and its services
        "limiter": True,  # scarce endpoints answer 429 after six an hour
        "order_id_is_integer": False,
        "odd_rows": False,  # the number list holds rows beyond the documentation
        "stale": None,  # an old number list, and until when it is shown
        # What VoiceTel's documents leave open.
        "dialect": "spec",  # "spec": OpenAPI 2.2.10; "sdk": what the SDK 2.2.17 reads
        "registered": False,  # whether a telephone is registered at the account itself
        "admin": False,  # whether the key may do what only administrators may
        "key_binds_body": False,  # a key with another body is 400, not its first answer
        "cash_for_whole_order": True,  # an order is refused when not all of it can be paid
        "partial_charges_all": False,  # a partial order charges what failed, too
        "attach_charges": False,
        "refunds": False,  # removing or releasing gives a month's rate back
        "limiter_tells": False,  # the 429 of a scarce endpoint has a Retry-After
        "gateway_twice": False,  # the same gateway may be added again
        "gateway_put_resets": False,  # what a PUT of a gateway leaves out is reset
        "gateway_resolves": False,  # a gateway's name comes back as an address
        "unresolved": [],  # host names that lead nowhere
        "e911_replaces": True,  # a second POST of a record replaces the first
        "e911_refused": [],  # zip codes in which no address is found
        "e911_writes": [],  # how it writes words of addresses beside its own list: "CREEK=CRK"
        "webhooks_down": [],  # hosts that do not answer
        "bulk_tells_resource": True,  # the bulk messaging state says where messages go
        "lidb_status": "Success",  # the network's answer to an outbound name
        "campaign_step_seconds": 60,  # how long a step of an asynchronous binding takes
        "campaign_fails": "",  # why each asynchronous binding fails, empty: none does
        "pin_lock": True,  # a port-out PIN stays for 30 days (SDK dialect)
        "port_check_is_412": False,  # a port without its check is 412, not 400
        "port_step_seconds": 86400,  # how long a port is submitted, then validated
        "port_days": 4,  # from its validation to its date
        "unportable": [],  # numbers that the network does not port
    }
)
"""What a sandbox starts with; each can be changed while it runs."""
