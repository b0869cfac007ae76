"""The protocols of the edges: platform, carrier, ledger, secrets, clock; a file for each.

The engine decides, `apply` acts; both know the outside only through what stands here. Every
implementation passes one conformance suite per protocol. What a call did is a value, one of
five outcomes; only what prevents a *read* is an exception (`Unavailable`).
"""

from reconciler.protocols.account import (
    AccountFacts,
    Allowance,
    Budgets,
    CallRecords,
    Charges,
    Fact,
    NotChecked,
    Use,
)
from reconciler.protocols.carrier import (
    NUMBER,
    Capabilities,
    Carrier,
    CarrierAct,
    Listing,
    Prepared,
    Price,
    Rates,
    Request,
    no_rates,
)
from reconciler.protocols.journal import (
    OPEN,
    Intent,
    Journal,
    Move,
    Remembered,
    Sending,
    State,
)
from reconciler.protocols.ledger import (
    EMPTIED,
    Entry,
    HeldLease,
    Lease,
    Ledger,
    Run,
)
from reconciler.protocols.memory import AccountMemory, KeptFact, Snapshot, Supplied
from reconciler.protocols.outcome import (
    UNVERIFIED,
    Done,
    NotSent,
    Outcome,
    Refused,
    Unknown,
    Waiting,
)
from reconciler.protocols.platform import (
    Platform,
    PoolChange,
    SealedAt,
    SealedSecret,
    TenantRead,
    Write,
)
from reconciler.protocols.search import (
    MOST_SOUGHT,
    Area,
    Coverage,
    Found,
    Offer,
    Search,
)
from reconciler.protocols.secrets import GeneratedSecret, SecretSink, SecretSource, SecretValue
from reconciler.protocols.time import Checkpoint, Clock, no_checkpoint

__all__ = [
    "EMPTIED",
    "MOST_SOUGHT",
    "NUMBER",
    "OPEN",
    "UNVERIFIED",
    "AccountFacts",
    "AccountMemory",
    "Allowance",
    "Area",
    "Budgets",
    "CallRecords",
    "Capabilities",
    "Carrier",
    "CarrierAct",
    "Charges",
    "Checkpoint",
    "Clock",
    "Coverage",
    "Done",
    "Entry",
    "Fact",
    "Found",
    "GeneratedSecret",
    "HeldLease",
    "Intent",
    "Journal",
    "KeptFact",
    "Lease",
    "Ledger",
    "Listing",
    "Move",
    "NotChecked",
    "NotSent",
    "Offer",
    "Outcome",
    "Platform",
    "PoolChange",
    "Prepared",
    "Price",
    "Rates",
    "Refused",
    "Remembered",
    "Request",
    "Run",
    "SealedAt",
    "SealedSecret",
    "Search",
    "SecretSink",
    "SecretSource",
    "SecretValue",
    "Sending",
    "Snapshot",
    "State",
    "Supplied",
    "TenantRead",
    "Unknown",
    "Use",
    "Waiting",
    "Write",
    "no_checkpoint",
    "no_rates",
]
