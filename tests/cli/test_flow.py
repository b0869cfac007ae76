"""A raw `flow:` from YAML to what callers meet: published, and re-pointed by a rename."""

import json

DIALPLAN = "dialplan: {extension_length: 3, emergency: {notify: [extension/101]}}\n"
FLOW = """\
auto_attendants:
  main:
    flow:
      start: menu
      nodes:
        menu:
          type: menu
          greeting: {say: Press 1 for sales}
          options: {"1": sales}
          timeout: {next: sales}
          invalid: {next: sales}
        sales: {type: dial, to: ring_group/sales}
dialplan: {extension_length: 3, emergency: {notify: [extension/101]}}
"""


def live(project):
    rows = project.sql(
        "SELECT version, graph FROM published_version WHERE name = 'main' ORDER BY version"
    )
    return [(version, json.loads(graph)["nodes"]["sales"]) for version, graph in rows]


def test_a_flow_is_published_and_follows_a_rename_in_one_step(project):
    project.change(DIALPLAN, FLOW)
    project.change("to: ring_group/sales,", "to: auto_attendant/main,")
    project.applied()
    assert live(project) == [(1, {"type": "dial", "to": "ring_group/sales"})]

    project.change("  sales:\n    members", "  front:\n    was: sales\n    members")
    project.change("to: ring_group/sales}", "to: ring_group/front}")
    said = project.run("plan").out
    project.applied()

    assert "update ring_group/front (was ring_group/sales)" in " ".join(said.split())
    assert "Plan" in said
    assert "to publish" not in said
    assert live(project)[-1] == (2, {"type": "dial", "to": "ring_group/front"})
    assert project.ok("plan", "--detailed-exitcode").status == 0


def test_a_changed_flow_is_published_anew(project):
    project.change(DIALPLAN, FLOW)
    project.change("to: ring_group/sales,", "to: auto_attendant/main,")
    project.applied()

    project.change("sales: {type: dial, to: ring_group/sales}", "sales: {type: hangup}")
    project.applied()

    assert live(project)[-1] == (2, {"type": "hangup", "cause": "normal"})
    assert project.ok("plan", "--detailed-exitcode").status == 0
