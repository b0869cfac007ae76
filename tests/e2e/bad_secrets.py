"""Secrets that are none, may not be used, or are not what they must be."""

from __future__ import annotations

from tests.e2e.case import Case, acme, project

VOICEMAIL = "voicemail: {}"
CANARY = "canary-literal-83746"


def pin(reference: str) -> dict[str, str]:
    """The tenant with a reference as the PIN of its mailbox."""
    return dict(acme(VOICEMAIL, f"voicemail: {{pin: {reference}}}"))


CASES = (
    Case(
        "12.5 an unknown provider",
        pin("{vault: secret/pin}"),
        "E131",
        "tenants/acme.yaml:11:82",
        "Write one of env, file, exec, sealed, generate.",
    ),
    Case(
        "12.5 two providers",
        pin("{env: VM_PIN, generate: true}"),
        "E123",
        "tenants/acme.yaml:11:82",
        "See `reconciler explain voicemail_box.pin`.",
    ),
    Case(
        "12.5 a literal",
        pin(f"{CANARY}"),
        "TEL321",
        "tenants/acme.yaml:11:82",
        "Write one of env, file, exec, sealed, generate.",
        absent=(CANARY,),
    ),
    Case(
        "12.5 a literal SIP password",
        acme(
            "devices: {desk: {}}}\nring", f"devices: {{desk: {{sip_password: {CANARY}}}}}}}\nring"
        ),
        "TEL321",
        "tenants/acme.yaml:12:75",
        "Write one of env, file, exec, sealed, generate.",
        absent=(CANARY,),
    ),
    Case(
        "12.5 PATH",
        pin("{env: PATH}"),
        "E131",
        "tenants/acme.yaml:11:88",
        "Use what `secrets.allow` in the project file lists",
        environment={"PATH": "/usr/bin:/bin"},
    ),
    Case(
        "12.5 a token of the build",
        pin("{env: GITHUB_TOKEN}"),
        "E131",
        "tenants/acme.yaml:11:88",
        "Use what `secrets.allow` in the project file lists",
        environment={"GITHUB_TOKEN": CANARY},
        absent=(CANARY,),
    ),
    Case(
        "12.5 the process' environment",
        pin("{file: /proc/self/environ}"),
        "E131",
        "tenants/acme.yaml:11:89",
        "Use what `secrets.allow` in the project file lists",
        environment={"SECRET": CANARY},
        absent=(CANARY,),
    ),
    Case(
        "12.5 a file outside",
        pin("{file: ../../keys/fernet}"),
        "E131",
        "tenants/acme.yaml:11:89",
        "Use what `secrets.allow` in the project file lists",
    ),
    Case(
        "12.5 out of an allowed folder",
        pin("{file: tenant-secrets/../keys/fernet}"),
        "E131",
        "tenants/acme.yaml:11:89",
        "Use what `secrets.allow` in the project file lists",
    ),
    Case(
        "12.5 a folder that begins alike",
        pin("{file: tenant-secrets-of-others/pin}"),
        "E131",
        "tenants/acme.yaml:11:89",
        "Use what `secrets.allow` in the project file lists",
    ),
    Case(
        "12.5 a program that is not listed",
        pin('{exec: [sh, -c, "touch pwned"]}'),
        "E131",
        "tenants/acme.yaml:11:89",
        "Use what `secrets.allow` in the project file lists",
    ),
    Case(
        "12.5 a program by another path",
        pin("{exec: [./pass, show, pin]}"),
        "E131",
        "tenants/acme.yaml:11:89",
        "Use what `secrets.allow` in the project file lists",
    ),
    Case(
        "12.5 a shell line",
        pin("{exec: pass show pin; touch pwned}"),
        "E133",
        "tenants/acme.yaml:11:89",
        "Write one of env, file, exec, sealed, generate, such as {env: VM_PIN}",
    ),
    Case(
        "12.5 the mark of plans",
        pin("{$secret: {ref: {env: VM_PIN}, version: 1}}"),
        "E131",
        "tenants/acme.yaml:11:82",
        "Write one of env, file, exec, sealed, generate.",
    ),
    Case(
        "12.5 an odd version",
        pin("{generate: true, version: 0}"),
        "E123",
        "tenants/acme.yaml:11:108",
        "Write one of env, file, exec, sealed, generate, such as {env: VM_PIN}",
    ),
    Case(
        "12.5 a wildcard reaches no variable of the machine",
        {**pin("{env: AWS_SECRET_ACCESS_KEY}"), **project("env: [VM_*]", "env: [A*]")},
        "",
        "",
        "secrets.allow",
        commands=(("apply", "--yes"),),
        environment={"AWS_SECRET_ACCESS_KEY": CANARY},
        absent=(CANARY,),
    ),
    Case(
        "12.5 a sealed token that is none",
        pin(f"{{sealed: {CANARY}}}"),
        "",
        "",
        "seal",
        commands=(("apply", "--yes"),),
        absent=(CANARY,),
    ),
    Case(
        "12.5 a variable that is not set",
        pin("{env: VM_PIN}"),
        "",
        "",
        "Correct the reference",
        exit=7,
        commands=(("apply", "--yes"),),
    ),
    Case(
        "12.5 a file that all may read",
        {**pin("{file: tenant-secrets/pin}"), "tenant-secrets/pin": CANARY},
        "",
        "",
        "Correct the reference",
        exit=7,
        commands=(("apply", "--yes"),),
        absent=(CANARY,),
    ),
    Case(
        "12.5 a literal credential",
        project("sandbox: true\n", f"sandbox: true\n    credentials: {{api_key: {CANARY}}}\n"),
        "TEL321",
        "reconciler.yaml:7:28",
        "Write it as one of {env: ...}, {file: ...}, {exec: ...},",
        absent=(CANARY,),
    ),
    Case(
        "12.5 the carrier's key opened to tenants",
        project("sandbox: true\n", "sandbox: true\n    credentials: {api_key: {env: VM_KEY}}\n"),
        "E146",
        "reconciler.yaml:14:16",
        "Give tenants names, folders or programs of their own.",
    ),
    Case(
        "12.5 a database password",
        project(
            "connectors:\n",
            f"platform: {{kind: sql, url: 'postgresql://me:{CANARY}@host/db'}}\nconnectors:\n",
        ),
        "TEL321",
        "reconciler.yaml:3:28",
        "Use ~/.pgpass, or give the URL in RECONCILER_PLATFORM_URL.",
        absent=(CANARY,),
    ),
)
