"""From a connector's section of the project file to the objects that its account is to have."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kinds import KINDS
from reconciler.model.account_object import AccountObject
from reconciler.model.address import Address, account_name
from reconciler.model.state import DesiredTenant, Wanted
from reconciler.model.tenant import TenantHeader
from reconciler.settings import Connector, Project

KINDS_OF_ACCOUNT: tuple[type[AccountObject], ...] = tuple(
    cls for cls in KINDS.values() if issubclass(cls, AccountObject)
)
"""The kinds that a connector's section declares."""


def account_of(project: Project, connector: str) -> DesiredTenant:
    """What git says of one carrier account, as of a tenant named `@<connector>`.

    The section has been typed with the project file, so nothing in it can be wrong any more.
    """
    name = account_name(connector)
    header = TenantHeader.model_construct(tenant=name, name=connector, timezone="Etc/UTC")
    settings = project.settings.connectors[connector]
    objects = dict(_objects(project, connector, settings))
    return DesiredTenant(name, header, objects, project.place(("connectors", connector)))


def _objects(
    project: Project, connector: str, settings: Connector
) -> Iterator[tuple[Address, Wanted]]:
    for cls in KINDS_OF_ACCOUNT:
        section = getattr(settings, cls.of_account)
        for name, fields, path in cls.declared(connector, section) if section else ():
            made = cls.model_validate({"connector": connector, **fields})
            at = Address(account_name(connector), cls.kind, name)
            place = project.place(("connectors", connector, cls.of_account, *path))
            yield at, Wanted(made, made.spec(), place, at)
