"""The vendor's own SDK against the sandbox: its models take every answer of the newer dialect."""

from __future__ import annotations

import os
import sys

import pytest

from reconciler.sandbox.serve import open_sandbox, serve
from reconciler.sandbox.voicetel.messaging import add_campaign
from tests.sandbox.walk import ADDRESS, CAMPAIGN, OTHER, PBX, PORT, PORTED, TN

SDK = os.getenv("VOICETEL_SDK", "")
pytestmark = pytest.mark.skipif(not SDK, reason="VOICETEL_SDK is not set")


@pytest.fixture
def app(path, clock):
    made = open_sandbox(path, ["pbx.example.net:5060"], [CAMPAIGN], clock=clock)
    with made.store.transaction():
        made.store.change_setting("dialect", "sdk")
    yield made
    made.close()


@pytest.fixture
def voicetel(monkeypatch):
    monkeypatch.syspath_prepend(SDK)
    yield pytest.importorskip("voicetel")
    for name in [name for name in sys.modules if name.partition(".")[0] == "voicetel"]:
        del sys.modules[name]


@pytest.fixture
def client(voicetel, app):
    server = serve(app)
    with voicetel.Client(base_url=server.url, max_retries=0) as made:
        made.login("1000000001", "sandbox")
        yield made
    server.stop()


def moved(app, clock, seconds):
    clock.sleep(seconds)
    with app.store.transaction():
        app.store.change_setting("limiter", False)


def ordered(client, voicetel, *tns):
    return client.inumbering.order(voicetel.models.OrderCreateRequest(numbers=list(tns)))


def test_it_drives_numbers(client, voicetel, path):
    models = voicetel.models
    assert client.inumbering.search_inventory(tn_mask="201", quantity=3).numbers
    for count_by in ("state", "city", "rateCenter", "npanxx", "block"):
        assert client.inumbering.coverage(count_by=count_by).coverage
    assert ordered(client, voicetel, TN, OTHER).numbersOrdered == [TN, OTHER]
    numbers = client.numbers
    numbers.set_route(TN, models.NumberRouteRequest(route=PBX))
    numbers.set_translation(TN, models.NumberTranslationRequest(translation=OTHER))
    numbers.set_cnam(TN, models.NumberCnamRequest(enabled=True))
    assert numbers.set_lidb(TN, models.NumberLidbRequest(cnam="ACME")).carrierStatus == "Success"
    numbers.set_fax(TN, models.NumberFaxRequest(email="a@b.example"))
    numbers.set_forward(TN, models.NumberForwardRequest(destination=OTHER))
    numbers.set_sms(TN, models.NumberSmsRequest(type="email", resource="a@b.example"))
    first = numbers.set_port_out_pin(TN, models.PortOutPinUpdateRequest(pin="4287"))
    again = numbers.set_port_out_pin(TN, models.PortOutPinUpdateRequest(pin="1111"))

    assert (first.changed, again.changed, again.portOutPin) == (True, False, "4287")
    row = numbers.get(TN)
    assert (row.translated, row.forwardTo, row.cnam) == (OTHER, OTHER, True)
    assert (row.smsEnabled, row.faxEnabled, row.route) == (True, True, PBX)
    assert numbers.get_fax(TN).email == numbers.get_sms(TN).resource == "a@b.example"
    assert [each.number for each in numbers.list().numbers] == [TN, OTHER]
    for end in (numbers.remove_fax, numbers.remove_forward, numbers.remove_sms):
        end(TN)
    assert numbers.move(OTHER, models.NumberMoveRequest(accountId=9, route=4)).accountId == 9
    numbers.remove(TN)
    assert numbers.add(models.NumberAddRequest(number=TN)).route == 4
    numbers.release(TN)
    with pytest.raises(voicetel.NotFoundError):
        numbers.list()


def test_it_drives_emergency_addresses(client, voicetel):
    models = voicetel.models
    ordered(client, voicetel, TN)
    found = client.e911.validate(models.E911AddressRequest(**ADDRESS)).address
    wanted = models.E911ProvisionByIdRequest(addressid=found.addressid, callername="Acme")
    record = client.e911.provision(TN, wanted).record

    assert (record.dn, record.address1, record.address2) == (f"1{TN}", "123 MAIN ST", "STE 400")
    made = models.E911CreateRequest(dn=TN, callername="Acme Corp", **ADDRESS)
    assert client.e911.create(made).record.callername == "Acme Corp"
    assert client.e911.get(TN).record == client.e911.list().records[0]
    client.e911.remove(TN)
    with pytest.raises(voicetel.NotFoundError):
        client.e911.list()


def test_it_drives_gateways_and_the_access_list(client, voicetel):
    models = voicetel.models
    ordered(client, voicetel, TN)
    made = client.gateways.add(models.GatewayAddRequest(gateway="203.0.113.10:5060", prefix="9"))
    assert client.gateways.get(made.id).limit == 23
    assert client.gateways.update(made.id, models.GatewayUpdateRequest(limit=5)).limit == 5
    client.numbers.set_route(TN, models.NumberRouteRequest(route=made.id))
    assert client.gateways.numbers(made.id).numbers[0].number == TN
    with pytest.raises(voicetel.ConflictError):
        client.gateways.remove(made.id)
    client.numbers.set_route(TN, models.NumberRouteRequest(route=4))
    client.gateways.remove(made.id)
    assert made.id not in {gateway.id for gateway in client.gateways.list().gateways}

    entry = models.AclModifyRequest(acl=[{"cidr": "203.0.113.0/24"}])
    assert client.acl.add(entry).added[0].cidr == "203.0.113.0/24"
    with pytest.raises(voicetel.ConflictError) as caught:
        client.acl.add(models.AclModifyRequest(acl=[{"cidr": "203.0.113.7/32"}]))
    conflict = models.AclConflictData.model_validate(caught.value.body["data"])
    assert conflict.failed[0].reason == "DB Insert failed"
    assert client.acl.list().acl[0].cidr == "203.0.113.0/24"
    client.acl.remove(cidrs=["203.0.113.0/24"])
    for number, name in enumerate(("Digest", "Lax (Digest or IP)", "IP", "Strict (Digest and IP)")):
        client.authentication.update(models.AuthPutRequest(authType=number))
        assert client.authentication.get().authTypeDescription == name


def test_it_drives_messaging(client, voicetel, app, clock):
    models = voicetel.models
    ordered(client, voicetel, TN, OTHER)
    app_campaign(app, "CSL0WPA", "C")
    client.messaging.brands(
        models.MessagingBrandCreateRequest(messagingBrandId="BABC", messagingBrandName="Acme")
    )
    client.messaging.campaign_create(
        models.MessagingCampaignCreateRequest(
            messagingBrandId="BABC", externalCampaignId="CNEW001", campaignDescription="x"
        )
    )
    asked = [CAMPAIGN, "CSL0WPA", "CNEW001", "CZZZZZZ"]
    told = client.messaging.campaign_status(ids=asked).campaigns
    assert [each.status.removeprefix("CAMPAIGN_") for each in told] == [
        "DCA_COMPLETE_NO_NUMBERS_ASSIGNED",
        "DCA_COMPLETE_NO_NUMBERS_ASSIGNED",
        "PENDING_DCA",
        "INVALID_ID",
    ]

    assign = client.numbers.assign_campaign
    bound = assign(TN, models.NumberCampaignAssignRequest(campaignId=CAMPAIGN))
    again = assign(TN, models.NumberCampaignAssignRequest(campaignId=CAMPAIGN))
    assert (bound.status, again.status, again.alreadyAssigned) == ("enabled", "already", True)
    slow = assign(TN, models.NumberCampaignAssignRequest(campaignId="CSL0WPA"))
    assert (slow.status, slow.job.state, slow.carrier) == ("pending", "queued", 1)
    seen = []
    for _ in range(5):
        state = client.numbers.get_messaging(TN)
        seen.append((state.pending.state if state.pending else None, state.campaign.id))
        clock.sleep(60)
    assert seen == [
        ("queued", CAMPAIGN),
        ("hosting", CAMPAIGN),
        ("assigning", CAMPAIGN),
        ("routing", CAMPAIGN),
        (None, "CSL0WPA"),
    ]
    assert client.messaging.numbers_state(numbers=[TN, PORTED]).numbers[1].onAccount is False
    assert client.messaging.health()["summary"]["numbers"] == 2
    assert client.messaging.set_health_alerts(enabled=False) == client.messaging.health_alerts()
    assert client.messaging.health_check(number=TN)["campaignApproved"] is True
    assert client.messaging.health_samples(number=TN)["samples"] == []
    message = {"fromNumber": TN, "toNumber": OTHER, "text": "Hello"}
    assert client.messaging.send(models.MessageSendRequest(**message)).parts == 1
    assert client.messaging.history(number=TN).messages[0].value.number == OTHER
    client.numbers.patch_messaging(TN, models.NumberMessagingPatchRequest(routeOut=0))
    assign(TN, models.NumberCampaignAssignRequest(campaignId=CAMPAIGN))
    assert client.numbers.unassign_campaign(TN, campaign_id=CAMPAIGN).unassigned
    bulk = client.numbers.bulk_unassign_campaign([TN, OTHER], campaign_id=CAMPAIGN)
    assert (bulk.unassignedNumbers, len(bulk.failed)) == ([], 2)


def app_campaign(app, campaign, network):
    with app.store.transaction():
        add_campaign(app.store, campaign, network)


def test_it_drives_ports(client, voicetel, app, clock):
    models = voicetel.models
    with pytest.raises(voicetel.BadRequestError):
        client.inumbering.submit_port(models.PortSubmitRequest(**PORT))
    assert client.inumbering.port_availability(PORTED).portable
    pid = client.inumbering.submit_port(models.PortSubmitRequest(**PORT)).pid
    seen = []
    for _ in range(8):
        (port,) = client.inumbering.ports().ports
        seen.append((port.status, port.foc))
        assert client.inumbering.port(pid).port.numbers == [PORTED]
        moved(app, clock, 24 * 3600)

    assert seen == [
        ("submitted", "19750715"),
        ("Validating", "19750715"),
        *[("Pending", "20261107")] * 5,
        ("Complete", "20261107"),
    ]
    (row,) = client.numbers.list().numbers
    assert (row.number, row.route) == (PORTED, PBX)


def test_it_reads_the_account(client, voicetel):
    ordered(client, voicetel, TN)
    assert client.account.get().cash == 999.0
    assert client.account.cdr().cdr == []
    assert client.account.recurring_charges().total == 1.0
    assert client.lookups.lrn(OTHER, TN).lrn.state == "NY"
    assert client.lookups.cnam(OTHER).cnam
    assert client.support.list().tickets == []
