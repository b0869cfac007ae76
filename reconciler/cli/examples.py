"""An example or two for the help of each command, by its path."""

from __future__ import annotations

from collections.abc import Mapping

import click

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "validate": ("reconciler validate", "reconciler validate acme -o concise"),
    "explain": ("reconciler explain TEL201", "reconciler explain number.to"),
    "schema": ("reconciler schema tenant > tenant.json", "reconciler schema plan"),
    "plan": (
        "reconciler plan acme --out plan.json",
        "reconciler plan -o text -o md=comment.md -o json=plan.json",
    ),
    "show": ("reconciler show plan.json --concise",),
    "apply": ("reconciler apply plan.json", "reconciler apply --tenant acme --expect 9f2c-71ab"),
    "resume": ("reconciler resume 5f0e6bb8a1d1",),
    "locks": ("reconciler locks",),
    "unlock": ("reconciler unlock 5f0e6bb8a1d14c02b07e0a3c1f5f2f11",),
    "runs": ("reconciler runs list",),
    "runs list": ("reconciler runs list --limit 5",),
    "runs show": ("reconciler runs show 5f0e6bb8a1d1 --unknown",),
    "runs settle": (
        'reconciler runs settle 5f0e6bb8a1d1 op-04 --happened --reason "seen in the portal"',
    ),
    "quarantine": ("reconciler quarantine",),
    "quarantine list": ("reconciler quarantine list --tenant acme",),
    "drift": ("reconciler drift", "reconciler drift acme -o json"),
    "numbers": ("reconciler numbers list",),
    "numbers list": (
        "reconciler numbers list --tenant acme",
        "reconciler numbers list +12015550144",
    ),
    "numbers search": (
        "reconciler numbers search --npa 617",
        "reconciler numbers search --connector voicetel --npa 212 --contains 7000 --limit 50",
    ),
    "numbers coverage": ("reconciler numbers coverage --region MA",),
    "numbers pick": ("reconciler numbers pick +16175550101 --tenant acme --to ring_group/sales",),
    "numbers preload": ("reconciler numbers preload numbers.csv --connector voicetel",),
    "numbers remove": ("reconciler numbers remove +12015550144",),
    "numbers move": ("reconciler numbers move +12015550144 --to-account 99 --to-route 4",),
    "numbers reserve": ("reconciler numbers reserve +12015550144 --tenant acme",),
    "billing": ("reconciler billing preview",),
    "billing preview": (
        "reconciler billing preview acme --period 2026-11",
        "reconciler billing preview --check",
    ),
    "connectors": ("reconciler connectors list",),
    "connectors list": ("reconciler connectors list -o json",),
    "connectors test": ("reconciler connectors test voicetel",),
    "connectors sync": ("reconciler connectors sync",),
    "connectors forget": ('reconciler connectors forget voicetel --reason "contract ended"',),
    "ports": ("reconciler ports list",),
    "ports list": ("reconciler ports list --tenant acme", "reconciler ports list -o json"),
    "secrets seal": ("reconciler secrets seal acme/voicemail_box/101 pin",),
    "secrets rotate": ("reconciler secrets rotate --write",),
    "store": ("reconciler store check",),
    "store backup": ("reconciler store backup before.db",),
    "store restore": ("reconciler store restore before.db",),
    "store migrate": ("reconciler store migrate",),
    "store check": ("reconciler store check",),
    "init": ("reconciler init my-company --example",),
    "fmt": ("reconciler fmt", "reconciler fmt --check --diff tenants/acme.yaml"),
    "fix": ("reconciler fix --diff", "reconciler fix tenants/acme.yaml:12"),
    "secrets": ("reconciler secrets keygen --into .reconciler/keys",),
    "secrets keygen": ("reconciler secrets keygen --into .reconciler/keys",),
    "sandbox": ("reconciler sandbox poke acme/ring_group/sales ring=40s",),
    "sandbox serve": ("reconciler sandbox serve --port 8080",),
    "sandbox ledger": ("reconciler sandbox ledger",),
    "sandbox poke": (
        "reconciler sandbox poke acme/ring_group/sales ring=40s",
        "reconciler sandbox poke +12015550144 route=old.example.net:5060",
    ),
    "sandbox switch": ("reconciler sandbox switch keys_remembered=false",),
    "sandbox fault": ("reconciler sandbox fault drop --method POST --after",),
    "sandbox reset": ("reconciler sandbox reset --yes",),
    "doctor": ("reconciler doctor", "reconciler doctor --online -o json"),
    "config": ("reconciler config", "reconciler config limits.deletes"),
    "completion": (
        'eval "$(reconciler completion bash)"           in ~/.bashrc',
        'eval "$(reconciler completion zsh)"            in ~/.zshrc',
        "reconciler completion fish | source            in ~/.config/fish/config.fish",
    ),
}


def give_examples(command: click.Command, path: str) -> None:
    """Put the examples of a command, and of those in it, at the end of their help."""
    lines = EXAMPLES.get(path, ())
    if lines and not command.epilog:
        command.epilog = "\n".join(["\b", "Examples:", *(f"  {each}" for each in lines)])
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            give_examples(inner, f"{path} {name}")
