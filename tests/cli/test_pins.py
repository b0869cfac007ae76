"""TEL331 where only `apply` knows: two references that give one PIN."""

import pytest

PIN, OTHER = "73915082", "62804917"
ROOM = (
    'conferences: {staff: {room: "630", capacity: 20, pin: {env: VM_MEMBER},'
    " moderator_pin: {env: VM_LEADER}}}\n"
)


@pytest.fixture
def room(project):
    path = project.root / "tenants" / "acme.yaml"
    path.write_text(path.read_text("utf-8") + ROOM, "utf-8")
    project.environment |= {"VM_MEMBER": PIN, "VM_LEADER": OTHER}
    return project


def test_two_variables_with_one_value_are_refused_before_anything_is_written(room):
    room.environment["VM_LEADER"] = PIN

    ended = room.run("apply", "--yes")

    told = ended.out + ended.err
    assert ended.status == 3
    assert "TEL331" in told
    assert PIN not in told
    assert room.sql("SELECT count(*) FROM object") == [(0,)]


def test_a_changed_one_is_held_against_the_one_that_stays(room):
    room.applied()
    room.environment["VM_LEADER"] = PIN
    room.change("{env: VM_LEADER}", "{env: VM_LEADER, version: 2}")

    ended = room.run("apply", "--yes")

    assert ended.status == 3
    assert "TEL331" in ended.out + ended.err


def test_two_of_their_own_are_applied(room):
    room.applied()

    assert room.spec("conference", "staff")["room"] == "630"
