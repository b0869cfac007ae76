"""Defaults of a tenant that reach what an entry becomes."""

from reconciler.model.address import Address

HEAD = """\
dialplan: {emergency: {notify: [extension/4201]}}
schema: 1
tenant: acme
name: Acme
timezone: America/New_York
locations:
  hq: {caller_name: A, street: 12 Oak St, city: Boston, region: MA, postcode: "02110", country: US}
  lab: {caller_name: A, street: 9 Elm St, city: Boston, region: MA, postcode: "02110", country: US}
"""


def location_of(desired, kind, name):
    return desired.objects[Address("acme", kind, name)].spec.get("location")


def test_the_usual_location_of_extensions_is_that_of_their_devices(check):
    desired, problems = check(
        HEAD
        + """\
defaults: {extension: {location: hq}}
extensions:
  "4201": {devices: {desk: {}, lab: {location: lab}}}
  "4202": {location: lab, devices: {desk: {}}}
"""
    )

    assert "TEL323" not in {problem.code for problem in problems}
    assert location_of(desired, "extension", "4201") == "hq"
    assert location_of(desired, "device", "4201-desk") == "hq"
    assert location_of(desired, "device", "4201-lab") == "lab"
    assert location_of(desired, "device", "4202-desk") == "lab"


def test_a_wrong_one_is_told_once_where_it_stands(check):
    _, problems = check(
        HEAD
        + """\
defaults: {extension: {location: nowhere}}
extensions:
  "4201": {devices: {desk: {}}}
"""
    )

    (found,) = [problem for problem in problems if problem.code == "TEL201"]
    assert (found.location.line, found.location.column) == (9, 34)
