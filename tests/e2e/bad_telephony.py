"""Telephone systems that would not work, or not as their author thinks."""

from __future__ import annotations

from tests.e2e.bad_secrets import pin
from tests.e2e.case import ACME, TENANT, Case, acme, swapped

NUMBER = '"+16175550100"'

SIP_DESK = '4202": {name: Desk 2, location: office, devices: {desk: {sip_password: {env: VM_SIP}}}'


def second_tenant(old: str, new: str) -> dict[str, str]:
    """A second tenant, the first with one thing changed."""
    text = TENANT.replace("tenant: acme", "tenant: bolt")
    return {"tenants/bolt.yaml": swapped(text, old, new)}


def added(line: str) -> dict[str, str]:
    """The tenant with a section more."""
    return {ACME: f"{TENANT}{line}\n"}


def held(holiday: str) -> dict[str, str]:
    """The tenant with a schedule that has one holiday."""
    return added(
        'schedules: {office: {open: [{days: mon, hours: "08:00-18:00"}], holidays: '
        f"[{holiday}]}}}}"
    )


MANY = ", ".join(["extension/4201"] * 50_000)

CASES = (
    Case("12.2 an unquoted number is text", acme(NUMBER, "+16175550100"), exit=0),
    Case(
        "12.2 0044 as prefix",
        acme(NUMBER, '"00442079460000"'),
        "E112",
        "tenants/acme.yaml:9:3",
        'Write "+442079460000".',
    ),
    Case(
        "12.2 national form",
        acme(NUMBER, '"6175550100"'),
        "E112",
        "tenants/acme.yaml:9:3",
        'Write "+16175550100".',
    ),
    Case(
        "12.2 blanks in a number",
        acme(NUMBER, '"+1 617 555 0100"'),
        "E112",
        "tenants/acme.yaml:9:3",
        'Write "+16175550100".',
    ),
    Case(
        "12.2 dashes in a number",
        acme(NUMBER, '"+1-617-555-0100"'),
        "E112",
        "tenants/acme.yaml:9:3",
        'Write "+16175550100".',
    ),
    Case(
        "12.2 full-width digits",
        acme(NUMBER, '"+\uff11\uff16172380100"'),
        "E112",
        "tenants/acme.yaml:9:3",
        'Write "+16172380100".',
    ),
    Case(
        "12.2 Arabic digits",
        acme(NUMBER, '"+١٦١٧٢٣٨٠١٠٠"'),
        "E112",
        "tenants/acme.yaml:9:3",
        "Write E.164, with country and area code, such as +12015550144, in quotes.",
    ),
    Case(
        "12.2 a mark in a number",
        acme(NUMBER, '"\u200e+16175550100"'),
        "E114",
        "tenants/acme.yaml:9:4",
        "Remove it.",
    ),
    Case(
        "12.2 too short",
        acme(NUMBER, '"+1617555"'),
        "E112",
        "tenants/acme.yaml:9:3",
        "Check its digits.",
    ),
    Case(
        "12.2 too long",
        acme(NUMBER, '"+16175550100123456"'),
        "E112",
        "tenants/acme.yaml:9:3",
        "Write E.164, with country and area code, such as +12015550144, in quotes.",
    ),
    Case(
        "12.2 premium rate",
        acme(NUMBER, '"+19005550100"'),
        "E136",
        "tenants/acme.yaml:9:3",
        "Use another.",
    ),
    Case(
        "12.2 911 as an extension",
        acme('"4202"', '"911"'),
        "TEL105",
        "tenants/acme.yaml:12:3",
        "Give it other digits.",
    ),
    Case(
        "12.2 911 as a destination",
        acme("to: ring_group/sales", "to: external/911"),
        "E112",
        "tenants/acme.yaml:9:44",
        "Write it as external/+12015550144.",
    ),
    Case(
        "12.2 9111 begins like 911",
        acme('"6000"', '"9111"'),
        "TEL105",
        "tenants/acme.yaml:14:18",
        "Give it other digits.",
    ),
    Case(
        "12.2 a PIN in the file",
        pin('"0777"'),
        "TEL321",
        "tenants/acme.yaml:11:82",
        "Write one of env, file, exec, sealed, generate.",
        absent=("0777",),
    ),
    Case(
        "12.2 a PIN in Arabic digits",
        pin('"٠١٢٣"'),
        "TEL321",
        "tenants/acme.yaml:11:82",
        "Write one of env, file, exec, sealed, generate.",
        absent=("٠١٢٣",),
    ),
    Case(
        "12.2 a PIN of 100 digits",
        pin(f'"{"1" * 100}"'),
        "TEL321",
        "tenants/acme.yaml:11:82",
        "Write one of env, file, exec, sealed, generate.",
        absent=("1" * 50,),
    ),
    Case(
        "12.2 a weak PIN through a reference",
        pin("{env: VM_PIN}"),
        "TEL311",
        "tenants/acme.yaml:11:65",
        "Choose another one, 6 digits or more.",
        commands=(("apply", "--yes"),),
        environment={"VM_PIN": "0777"},
        absent=("0777",),
    ),
    Case(
        "12.2 a PIN of three digits",
        pin("{env: VM_PIN}"),
        "TEL311",
        "tenants/acme.yaml:11:65",
        "Choose another one, 6 digits or more.",
        commands=(("apply", "--yes"),),
        environment={"VM_PIN": "739"},
        absent=("739",),
    ),
    Case(
        "12.2 a PIN in other digits",
        pin("{env: VM_PIN}"),
        "TEL311",
        "tenants/acme.yaml:11:65",
        "Choose another one, 6 digits or more.",
        commands=(("apply", "--yes"),),
        environment={"VM_PIN": "٧٣٩١٥٠٨٢"},
        absent=("٧٣٩",),
    ),
    Case(
        "12.2 a short SIP password through a reference",
        acme('4202": {name: Desk 2, location: office, devices: {desk: {}}', SIP_DESK),
        "TEL322",
        "tenants/acme.yaml:12:54",
        "Choose one of 16 characters or more",
        commands=(("apply", "--yes"),),
        environment={"VM_SIP": "Xq7-short-pass!"},
        absent=("Xq7",),
    ),
    Case(
        "12.2 a SIP password with the extension in it",
        acme('4202": {name: Desk 2, location: office, devices: {desk: {}}', SIP_DESK),
        "TEL322",
        "tenants/acme.yaml:12:54",
        "Choose one of 16 characters or more",
        commands=(("apply", "--yes"),),
        environment={"VM_SIP": "Xq7kd92mfl4202wpq8zz"},
        absent=("Xq7",),
    ),
    Case(
        "12.2 extension and pilot alike",
        acme('"6000"', '"4202"'),
        "TEL101",
        "tenants/acme.yaml:14:18",
        "Give one of them other digits.",
    ),
    Case(
        "12.2 a pilot like a feature code",
        acme("dialplan: {", 'dialplan: {feature_codes: {voicemail: "6000"}, '),
        "TEL101",
        "tenants/acme.yaml:1:39",
        "Give one of them other digits.",
    ),
    Case(
        "12.2 one number in two tenants",
        second_tenant("tenant: bolt", "tenant: bolt"),
        "TEL410",
        "tenants/bolt.yaml:9:3",
        "Take it out of one of them.",
    ),
    Case(
        "12.2 one number twice",
        acme(
            '  "+16175550100": {connector: sandbox, to: ring_group/sales}\n',
            '  "+16175550100": {connector: sandbox, to: ring_group/sales}\n'
            "  +16175550100: {connector: sandbox, to: ring_group/sales}\n",
        ),
        "E103",
        "tenants/acme.yaml:10:3",
        "Remove one of the two, or rename it.",
    ),
    Case(
        "12.2 a group in itself",
        acme("extension/4202]", "ring_group/sales]"),
        "TEL305",
        "tenants/acme.yaml:14:35",
        "Take one of them out.",
    ),
    Case(
        "12.2 an overflow to itself",
        acme("to: voicemail_box/4201", "to: ring_group/sales"),
        "TEL202",
        "tenants/acme.yaml:14:96",
        "Send one of them to a voicemail box or a person.",
    ),
    Case(
        "12.2 a menu that only repeats",
        {
            ACME: f"{TENANT}auto_attendants:\n  main: {{greeting: {{say: Hi}}, options: {{}},"
            " timeout: {to: repeat}, invalid: {to: repeat}}\n"
        },
        "TEL204",
        "tenants/acme.yaml:16:81",
        "Send callers to a person or a voicemail box instead.",
    ),
    Case(
        "12.2 two menus that only lead to each other",
        {
            ACME: f"{TENANT}auto_attendants:\n"
            "  a: {greeting: {say: A}, options: {}, timeout: {to: auto_attendant/b},"
            " invalid: {to: auto_attendant/b}}\n"
            "  b: {greeting: {say: B}, options: {}, timeout: {to: auto_attendant/a},"
            " invalid: {to: auto_attendant/a}}\n"
        },
        "TEL204",
        "tenants/acme.yaml:16:54",
        "a voicemail box",
    ),
    Case(
        "12.2 a menu key that is none",
        {
            ACME: f"{TENANT}auto_attendants:\n  main: {{greeting: {{say: Hi}},"
            ' options: {"12": hangup}, timeout: {to: hangup}}\n'
        },
        "E123",
        "tenants/acme.yaml:16:41",
        'Write one key of a telephone, in quotes: "0" to "9", "*" or "#".',
    ),
    Case(
        "12.2 a destination that is not there",
        acme("to: ring_group/sales", "to: ring_group/salse"),
        "TEL201",
        "tenants/acme.yaml:9:44",
        'Did you mean "ring_group/sales"?',
    ),
    Case(
        "12.2 a member that is not there",
        acme("extension/4202]", "extension/4203]"),
        "TEL201",
        "tenants/acme.yaml:14:52",
        'Did you mean "extension/4202"?',
    ),
    Case(
        "12.2 an empty group",
        acme("members: [extension/4201, extension/4202]", "members: []"),
        "TEL301",
        "tenants/acme.yaml:14:35",
        "Add one, such as `members: [extension/4201]`.",
    ),
    Case(
        "12.2 no time zone",
        acme("timezone: America/New_York\n", ""),
        "E122",
        "tenants/acme.yaml:1:1",
        "Add `timezone`.",
    ),
    Case(
        "12.2 no such time zone",
        acme("America/New_York", "America/New_Yrok"),
        "E129",
        "tenants/acme.yaml:4:11",
        'Did you mean "America/New_York"?',
    ),
    Case(
        "12.2 9:30 stays text",
        acme("after: 40s", "after: 9:30"),
        "E123",
        "tenants/acme.yaml:14:87",
        "See `reconciler explain ring_group.overflow.after`.",
        absent=("570",),
    ),
    Case(
        "12.2 50,000 members",
        acme("extension/4201, extension/4202]", f"{MANY}]"),
        "E123",
        "tenants/acme.yaml:14:35",
        "Shorten it to 200.",
    ),
    Case(
        "12.2 a negative time",
        acme("after: 40s", "after: -1s"),
        "E123",
        "tenants/acme.yaml:14:87",
        "See `reconciler explain ring_group.overflow.after`.",
    ),
    Case(
        "12.2 a huge time",
        acme("after: 40s", "after: 99999999999999s"),
        "E123",
        "tenants/acme.yaml:14:87",
        "See `reconciler explain ring_group.overflow.after`.",
    ),
    Case(
        "12.2 a ring time of 301 s",
        acme('pilot: "6000"', 'pilot: "6000", ring: 301s'),
        "E123",
        "tenants/acme.yaml:14:32",
        "See `reconciler explain ring_group.ring`.",
    ),
    Case(
        "12.2 a time of 20,000 digits",
        acme("after: 40s", f"after: {'9' * 20_000}s"),
        "E123",
        "tenants/acme.yaml:14:87",
        "See `reconciler explain ring_group.overflow.after`.",
    ),
    Case(
        "12.2 a caller ID of somebody else",
        acme("name: Desk 2", 'name: Desk 2, caller_id: "+16175559999"'),
        "TEL405",
        "tenants/acme.yaml:12:37",
        'Did you mean "+16175550100"?',
    ),
    Case(
        "12.2 an emergency address without a true postcode",
        acme('postcode: "02110"', 'postcode: "2110"'),
        "TEL402",
        "tenants/acme.yaml:7:86",
        "Write it five digits, such as 02110.",
    ),
    Case(
        "12.2 a location that is not there",
        acme("name: Desk 2, location: office", "name: Desk 2, location: ofice"),
        "TEL201",
        "tenants/acme.yaml:12:36",
        'Did you mean "office"?',
    ),
    Case(
        "12.2 an unknown field",
        acme("after: 40s", "afterr: 40s"),
        "E121",
        "tenants/acme.yaml:14:80",
        'Did you mean "after"?',
    ),
    Case(
        "12.2 an unknown section",
        {ACME: f"{TENANT}extentions: {{}}\n"},
        "E120",
        "tenants/acme.yaml:15:1",
        'Did you mean "extensions"?',
    ),
    Case(
        "12.2 a section that is a list",
        acme("ring_groups:\n  sales: {", "ring_groups:\n  - {name: sales, "),
        "E133",
        "tenants/acme.yaml:14:3",
        "Write {name: value}, or `name: value` lines.",
    ),
    Case(
        "12.2 a NO that is no truth",
        acme("name: Desk 2", "name: Desk 2, record: NO"),
        "E123",
        "tenants/acme.yaml:12:34",
        "See `reconciler explain extension.record`.",
    ),
    Case(
        "12.2 an unknown connector",
        acme("connector: sandbox", "connector: sandboxx"),
        "E127",
        "tenants/acme.yaml:9:31",
        'Did you mean "sandbox"?',
    ),
    Case(
        "12.2 a connector of the tenant's own",
        {ACME: f'{TENANT}connectors: {{evil: {{kind: voicetel, url: "https://evil.example"}}}}\n'},
        "TEL410",
        "tenants/acme.yaml:15:1",
        "Declare them in the project file",
    ),
    Case(
        "12.2 half of the tenant is gone",
        acme('  "4202": {name: Desk 2, location: office, devices: {desk: {}}}\n', ""),
        "TEL201",
        "tenants/acme.yaml:13:52",
        'Did you mean "extension/4201"?',
    ),
    Case(
        "12.2 a schedule that never opens",
        added("schedules: {office: {open: []}}"),
        "E123",
        "tenants/acme.yaml:15:28",
        "See `reconciler explain schedule.open`.",
    ),
    Case(
        "12.2 a time zone of a schedule that is none",
        added("schedules: {office: {timezone: Boston, open: [{days: mon, hours: 8:00-9:00}]}}"),
        "E129",
        "tenants/acme.yaml:15:32",
        "Write an IANA name, such as Europe/London.",
    ),
    Case(
        "12.2 hours that end when they start",
        added('schedules: {office: {open: [{days: mon, hours: "08:00-08:00"}]}}'),
        "E123",
        "tenants/acme.yaml:15:48",
        "22:00-06:00 ends on the next day",
    ),
    Case(
        "12.2 days that are none",
        added('schedules: {office: {open: [{days: mon-fir, hours: "08:00-09:00"}]}}'),
        "E123",
        "tenants/acme.yaml:15:36",
        "Write them as mon-fri, or as mon, wed, fri.",
    ),
    Case(
        "12.2 a holiday on a day that does not exist",
        held('{name: Leap, date: "2027-02-29"}'),
        "E123",
        "tenants/acme.yaml:15:95",
        'Write a day as "12-25", every year, or as "2026-12-25".',
    ),
    Case(
        "12.2 a holiday by a rule that is none",
        held("{name: X, rule: fourth thursday of november}"),
        "E123",
        "tenants/acme.yaml:15:92",
        "Write 4th thu of november, or last mon of may.",
    ),
    Case(
        "12.2 holidays of a place that nobody knows",
        held("{country: US, subdivision: MAS}"),
        "E123",
        "tenants/acme.yaml:15:76",
        "Did you mean",
    ),
    Case(
        "12.2 a holiday that is over before it begins",
        held('{name: X, from: "2026-10-02 18:00", to: "2026-10-02 12:00"}'),
        "E123",
        "tenants/acme.yaml:15:76",
        "Swap them.",
    ),
    Case(
        "12.2 a switch in YAML",
        added("schedules: {office: {force: closed, open: [{days: mon, hours: 8:00-9:00}]}}"),
        "E135",
        "tenants/acme.yaml:15:22",
        "Take it out.",
    ),
    Case(
        "12.2 a room with the digits of a group",
        added('conferences: {staff: {room: "6000"}}'),
        "TEL101",
        "tenants/acme.yaml:15:29",
        "Give one of them other digits.",
    ),
    Case(
        "12.2 a room for one",
        added('conferences: {staff: {room: "6300", capacity: 1}}'),
        "E123",
        "tenants/acme.yaml:15:47",
        "Write at least 2.",
    ),
    Case(
        "12.2 a PIN of a room in the file",
        added('conferences: {staff: {room: "6300", moderator_pin: 739150}}'),
        "TEL321",
        "tenants/acme.yaml:15:52",
        "Write one of env, file, exec, sealed, generate.",
        absent=("739150",),
    ),
    Case(
        "12.2 a weak PIN of a room",
        added('conferences: {staff: {room: "6300", pin: {env: VM_PIN}}}'),
        "TEL311",
        "tenants/acme.yaml:15:15",
        "Choose another one, 6 digits or more.",
        commands=(("apply", "--yes"),),
        environment={"VM_PIN": "123456"},
        absent=("123456",),
    ),
    Case(
        "12.2 an announcement of nothing",
        added("audio: {closed: {then: hangup}}"),
        "E123",
        "tenants/acme.yaml:15:17",
        "Give `file` or `say`.",
    ),
    Case(
        "12.2 an announcement from outside the project",
        added("audio: {closed: {file: ../../etc/passwd.wav}}"),
        "E123",
        "tenants/acme.yaml:15:24",
        "such as prompts/closed.wav",
    ),
    Case(
        "12.2 an intercept that is not there",
        added("intercept: audio/retired"),
        "TEL201",
        "tenants/acme.yaml:15:12",
        "Declare audio/retired, or point somewhere else.",
    ),
    Case(
        "12.2 a shared box with an extension's digits",
        added('voicemail_boxes: {"4201": {}}'),
        "E137",
        "tenants/acme.yaml:15:19",
        "Take one of them out.",
    ),
    Case(
        "12.2 a caller name that no carrier takes",
        acme("connector: sandbox", "connector: sandbox, cnam: Harbour Dental"),
        "TEL406",
        "tenants/acme.yaml:9:46",
        "Write 1 to 15 capital letters, digits and blanks.",
    ),
    Case(
        "12.2 messages sent over http",
        acme("connector: sandbox", 'connector: sandbox, sms: {webhook: "http://b.example"}'),
        "E123",
        "tenants/acme.yaml:9:55",
        "Write an address that starts with https:// and holds no password.",
    ),
    Case(
        "12.2 a PIN for porting out in the file",
        acme("connector: sandbox", 'connector: sandbox, port_out_pin: "4287"'),
        "TEL321",
        "tenants/acme.yaml:9:54",
        "Write one of env, file, exec, sealed, generate.",
        absent=("4287",),
    ),
    Case(
        "12.2 a carrier's field without a carrier",
        acme("{connector: sandbox, ", "{cnam: ACME, "),
        "E132",
        "tenants/acme.yaml:9:3",
        "Name the connector.",
    ),
    Case(
        "12.2 a port order with an account number in the file",
        added(
            "ports: {p: {connector: sandbox, numbers: [+16175550150], to: extension/4201,"
            " authorized_by: B, subscriber: {name: A, street_number: 1, street: Main, city: X,"
            ' postcode: "02110", country: US}, losing_carrier: {billing_number: +16175550150,'
            " account: 12345678}}}"
        ),
        "TEL321",
        "tenants/acme.yaml:15:248",
        "Write one of env, file, exec, sealed, generate.",
        absent=("12345678",),
    ),
)
