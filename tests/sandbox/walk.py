"""A walk through every operation of the carrier, good answers and refusals."""

from __future__ import annotations

TN, OTHER, THIRD, PORTED = "2015550144", "2125550101", "3035550102", "6175551234"
PBX = 1000
CAMPAIGN, UNREVIEWED = "CH5K5IZ", "C0FFEE1"
ADDRESS = {
    "address1": "123 Main Street, Suite 400",
    "city": "Newark",
    "state": "NJ",
    "zip": "07102",
}
PORT = {
    "did": [PORTED],
    "name": "Acme Corp",
    "nameType": "business",
    "lcBtn": PORTED,
    "lcAccountNumber": "123456789",
    "pin": "1234",
    "streetNumber": "550",
    "streetPrefix": "N",
    "street": "Main",
    "streetType": "ST",
    "city": "Chicago",
    "state": "IL",
    "zip": "60601",
    "country": "US",
    "authPerson": "Jane Smith",
    "features": [{"number": PORTED, "routing": {"gatewayId": PBX}, "lidb": {"name": "ACME"}}],
}


def _numbers():
    tn, own = f"/v2.2/numbers/{TN}", "/v2.2/gateways/1001"
    yield "GET", "/v2.2/numbers", None
    yield "POST", "/v2.2/gateways", {"gateway": "203.0.113.10:5060", "limit": 5}
    yield "POST", "/v2.2/gateways", {"gateway": "203.0.113.10:5060"}
    yield "POST", "/v2.2/gateways", {"gateway": "10.0.0.1"}
    yield "PUT", own, {"limit": 6}
    yield "PUT", "/v2.2/gateways/4", {"limit": 6}
    yield "GET", own, None
    yield "GET", "/v2.2/gateways", None
    yield "GET", "/v2.2/inventory?tnMask=201&quantity=3", None
    yield "GET", "/v2.2/inventory?tnMask=x", None
    for by in ("state", "city", "rateCenter", "npanxx", "block"):
        yield "GET", f"/v2.2/inventory/coverage?countBy={by}", None
    yield "GET", "/v2.2/inventory/coverage", None
    yield "POST", "/v2.2/orders", {"numbers": [TN, OTHER, {"number": "2015559999"}]}
    yield "POST", "/v2.2/orders", {"numbers": []}
    yield "POST", "/v2.2/orders", {"numbers": [THIRD]}
    yield "GET", "/v2.2/numbers", None
    yield "PUT", f"{tn}/route", {"route": PBX}
    yield "PUT", f"{tn}/route", {"route": 7}
    yield "PUT", f"/v2.2/numbers/{PORTED}/route", {"route": 4}
    for setting, body, wrong in (
        ("cnam", {"enabled": True}, {"enabled": 1}),
        ("translation", {"translation": OTHER}, {"translation": "1001#a"}),
        ("forward", {"destination": OTHER}, {}),
        ("fax", {"email": "fax@example.com"}, {"email": "nobody"}),
        ("sms", {"type": "email", "resource": "x@y.example"}, {"type": "pigeon"}),
        ("lidb", {"cnam": "ACME"}, {"cnam": "LONGER THAN FIFTEEN"}),
    ):
        yield "PUT", f"{tn}/{setting}", body
        yield "PUT", f"{tn}/{setting}", wrong
        yield "PUT", f"/v2.2/numbers/{PORTED}/{setting}", body
    yield "PUT", f"{tn}/sms", {"type": "webhook", "resource": "http://x.example/"}
    yield "PUT", f"{tn}/lidb", {"cnam": "ACME", "customerOrderReference": "ref-1"}
    yield "PATCH", f"{tn}/port-out-pin", {"pin": "4287"}
    yield "PATCH", f"{tn}/port-out-pin", {"pin": "7284"}
    yield "PATCH", f"{tn}/port-out-pin", {"pin": "4"}
    yield "GET", tn, None
    yield "GET", f"/v2.2/gateways/{PBX}/numbers", None
    yield "DELETE", f"/v2.2/gateways/{PBX}", None
    yield "DELETE", own, None


def _messaging():
    brand = {"messagingBrandId": "BABC123", "messagingBrandName": "Acme"}
    campaign = {"externalCampaignId": UNREVIEWED, "campaignDescription": "Reminders"}
    yield "POST", "/v2.2/messaging/campaigns", {**campaign, "messagingBrandId": "BABC123"}
    yield "POST", "/v2.2/messaging/brands", brand
    yield "POST", "/v2.2/messaging/brands", {**brand, "messagingBrandId": "ABC"}
    yield "POST", "/v2.2/messaging/campaigns", {**campaign, "messagingBrandId": "BABC123"}
    yield "GET", f"/v2.2/messaging/campaigns?ids={CAMPAIGN},{UNREVIEWED},CZZZZZZ", None
    yield "GET", "/v2.2/messaging/campaigns?ids=", None
    yield from _texts()


def _texts():
    tn = f"/v2.2/numbers/{TN}"
    text = {"fromNumber": TN, "toNumber": OTHER, "text": "Hello"}
    yield "POST", "/v2.2/messages", text
    for wanted in (CAMPAIGN, CAMPAIGN, UNREVIEWED, "CZZZZZZ", "no"):
        yield "PUT", f"{tn}/messaging-campaign", {"campaignId": wanted}
    yield "GET", f"/v2.2/messaging/campaigns?ids={CAMPAIGN}", None
    yield "GET", f"/v2.2/numbers/messaging?numbers={TN},{OTHER},{PORTED}", None
    yield "GET", "/v2.2/numbers/messaging?numbers=1", None
    yield "GET", f"{tn}/messaging", None
    yield "GET", f"/v2.2/numbers/{PORTED}/messaging", None
    yield "POST", "/v2.2/messages", text
    yield "POST", "/v2.2/messages", {**text, "mediaUrls": ["https://x.example/a.png"]}
    yield "POST", "/v2.2/messages", {**text, "fromNumber": PORTED}
    yield "POST", "/v2.2/messages", {}
    yield "GET", f"/v2.2/messages?number={TN}", None
    yield "GET", f"/v2.2/messages?number={TN}&type=mms", None
    yield "GET", f"/v2.2/messages?number={TN}&type=pigeon", None
    yield "GET", f"/v2.2/messages?number={PORTED}", None
    yield "PATCH", f"{tn}/messaging", {"routeIn": 1001}
    yield "PATCH", f"{tn}/messaging", {"routeIn": 77}
    yield "PATCH", f"{tn}/messaging", {"routeOut": 0}
    yield "PATCH", f"{tn}/messaging", {}
    yield "PUT", f"{tn}/messaging-campaign", {"campaignId": CAMPAIGN}
    yield "DELETE", f"{tn}/messaging-campaign?campaignId={CAMPAIGN}", None
    yield "DELETE", f"{tn}/messaging-campaign?campaignId=x", None
    yield "PUT", f"{tn}/messaging-campaign", {"campaignId": CAMPAIGN}
    many = "/v2.2/numbers/messaging-campaign"
    yield "DELETE", f"{many}?numbers={TN},{OTHER},{PORTED}&campaignId={CAMPAIGN}", None
    yield "DELETE", f"{many}?numbers=&campaignId={CAMPAIGN}", None


def _emergency():
    yield "GET", "/v2.2/e911", None
    yield "POST", "/v2.2/e911/validations", ADDRESS
    yield "POST", "/v2.2/e911/validations", {**ADDRESS, "address1": "Nowhere"}
    record = {"dn": TN, "callername": "Acme", **ADDRESS}
    yield "GET", f"/v2.2/e911/{TN}", None
    yield "POST", "/v2.2/e911", record
    yield "POST", "/v2.2/e911", {**record, "dn": PORTED}
    yield "POST", "/v2.2/e911", {**record, "state": "ZZ"}
    yield "POST", "/v2.2/e911", {}
    yield "GET", "/v2.2/e911", None
    yield "GET", f"/v2.2/e911/{TN}", None
    yield "GET", f"/v2.2/e911/{PORTED}", None
    yield "PUT", f"/v2.2/e911/{TN}", {"addressid": 1, "callername": "Acme"}
    yield "PUT", f"/v2.2/e911/{TN}", {"addressid": ADDRESS_ID, "callername": "Acme Corp"}
    yield "DELETE", f"/v2.2/e911/{TN}", None
    yield "DELETE", f"/v2.2/e911/{TN}", None


ADDRESS_ID = 2314828
"""What the sandbox gives to ADDRESS, as it does each time."""


def _ports():
    yield "POST", "/v2.2/ports", PORT
    yield "GET", f"/v2.2/ports/availability/{PORTED}", None
    yield "GET", f"/v2.2/ports/availability/{TN}", None
    yield "GET", "/v2.2/ports/availability/1", None
    yield "GET", "/v2.2/ports", None
    yield "POST", "/v2.2/ports", {**PORT, "authPerson": ""}
    yield "POST", "/v2.2/ports", PORT
    yield "POST", "/v2.2/ports", PORT
    yield "GET", "/v2.2/ports", None
    yield "GET", "/v2.2/ports/zzzzz", None


def _account():
    yield "GET", "/v2.2/account", None
    yield "PUT", "/v2.2/account", {"timezone": "America/Chicago", "notify": True}
    yield "PUT", "/v2.2/account", {"timezone": "Mars/Olympus"}
    yield "GET", "/v2.2/account/cdr", None
    yield "GET", "/v2.2/account/credits", None
    yield "GET", "/v2.2/account/credits?status=none", None
    yield "GET", "/v2.2/account/payments", None
    yield "GET", "/v2.2/account/recurring-charges", None
    yield "GET", "/v2.2/account/registration", None
    yield "POST", "/v2.2/account/recovery", {"email": "sandbox@example.com"}
    yield "POST", "/v2.2/account/recovery", {"email": "other@example.com"}
    yield "POST", "/v2.2/account/recovery", {"email": "nobody"}
    yield "POST", "/v2.2/account", {"name": "A", "username": "1", "email": "a@b.example"}
    yield "POST", "/v2.2/accounts", {"name": "A", "email": "a@b.example"}
    yield "POST", "/v2.2/accounts", {"name": "A", "email": "a@b.example"}
    yield "POST", "/v2.2/accounts", {}
    yield "POST", "/v2.2/account/api-key", {"username": "1000000001", "password": "sandbox"}
    yield "POST", "/v2.2/account/api-key", {"username": "1000000001", "password": "wrong"}
    yield "POST", "/v2.2/account/api-key", {}
    yield "GET", "/v2.2/account", None
    yield "GET", "/v2.2/account", None
    yield "GET", "/v2.2/account/cdr", None
    yield "GET", "/v2.2/account/recurring-charges", None
    yield "GET", "/v2.2/acl", None
    yield "POST", "/v2.2/acl", {"acl": [{"cidr": "203.0.113.0/24"}]}
    bad = ["203.0.113.7/32", "abc", "10.0.0.0/8", "8.8.0.0/12", "8.8.8.0/24"]
    yield "POST", "/v2.2/acl", {"acl": [{"cidr": cidr} for cidr in bad]}
    yield "GET", "/v2.2/acl", None
    yield "GET", "/v2.2/auth", None
    yield "DELETE", "/v2.2/acl?cidrs=8.8.8.0/24,9.9.9.0/24", None
    yield "DELETE", "/v2.2/acl?cidrs=203.0.113.0/24", None
    for number in (3, 2, 1, 0):
        yield "PUT", "/v2.2/auth", {"authType": number}
        yield "GET", "/v2.2/auth", None
    yield "PUT", "/v2.2/auth", {"authType": 1, "password": "short"}
    yield "PUT", "/v2.2/auth", {"authType": 9}


def _others():
    tickets = "/v2.2/support/tickets"
    yield "GET", f"/v2.2/cnam/{OTHER}", None
    yield "GET", f"/v2.2/lrn/{OTHER}/{TN}", None
    yield "GET", f"/v2.2/lrn/{OTHER}/1", None
    yield "GET", tickets, None
    yield "POST", tickets, {"subject": "Port", "message": "When?"}
    yield "POST", tickets, {}
    yield "GET", tickets, None
    yield "GET", f"{tickets}/1001", None
    yield "GET", f"{tickets}/7", None
    yield "PUT", f"{tickets}/1001", {"status": "closed"}
    yield "PUT", f"{tickets}/1001", {"status": "gone"}
    yield "POST", f"{tickets}/1001/replies", {"message": "Now?"}
    yield "GET", f"{tickets}/1001/messages", None
    yield "DELETE", f"{tickets}/1001", None


def _going():
    tn = f"/v2.2/numbers/{TN}"
    for setting in ("forward", "fax", "sms"):
        yield "DELETE", f"{tn}/{setting}", None
        yield "DELETE", f"{tn}/{setting}", None
        yield "GET" if setting != "forward" else "DELETE", f"{tn}/{setting}", None
    yield "PATCH", f"/v2.2/numbers/{OTHER}", {"accountId": 99, "route": PBX}
    yield "PATCH", f"/v2.2/numbers/{OTHER}", {"accountId": 99, "route": 4}
    yield "PATCH", f"/v2.2/numbers/{OTHER}", {"accountId": 99, "route": 4}
    yield "DELETE", tn, None
    yield "GET", tn, None
    yield "DELETE", tn, None
    yield "POST", "/v2.2/numbers", {"number": TN}
    yield "POST", "/v2.2/numbers", {"number": TN}
    yield "POST", f"{tn}/release", None
    yield "POST", f"{tn}/release", None
    yield "SETTINGS", {"admin": True, "registered": True}, None
    yield "POST", "/v2.2/account", {"name": "A", "username": "7", "email": "c@b.example"}
    yield "POST", "/v2.2/account", {"name": "A", "username": "7", "email": "c@b.example"}
    yield "DELETE", "/v2.2/support/tickets/1001", None
    yield "GET", "/v2.2/account/registration", None
    # Last, as the key is another one then.
    yield "PUT", "/v2.2/auth", {"password": "abc1234567"}
    yield "GET", "/v2.2/gateways", None


def _reads_of_sms():
    yield "GET", f"/v2.2/numbers/{TN}/fax", None
    yield "GET", f"/v2.2/numbers/{TN}/sms", None


def calls():
    """Each call: method, path with query, body."""
    for part in (_numbers, _reads_of_sms, _messaging, _emergency, _ports, _account, _others):
        yield from part()
    yield from _going()


def walk(carrier):
    """Call every operation; what was called without its query, and what came back."""
    for campaign, network in ((CAMPAIGN, "B"), ("CPATHAA", "A")):
        body = {"id": campaign, "network": network}
        assert carrier.call("POST", "/_sandbox/campaigns", body).status == 204
    for method, called, body in calls():
        if method == "SETTINGS":
            carrier.call("POST", "/_sandbox/settings", called)
            continue
        yield method, called.partition("?")[0], carrier.call(method, called, body)
        if called == "/v2.2/ports" and method == "GET":
            yield from _the_port(carrier)


def _the_port(carrier):
    for port in carrier.call("GET", "/v2.2/ports").data["ports"]:
        path = f"/v2.2/ports/{port['pid']}"
        yield "GET", path, carrier.call("GET", path)
