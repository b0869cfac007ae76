"""A port over separate processes, as it is shown."""

from scripts import show_port


def test_a_port_from_submission_to_completion(capsys):
    show_port.main()

    said = capsys.readouterr().out
    assert "killed while the answer waits" in said
    assert said.count("$ reconciler apply") == APPLIES
    assert "the port was charged once for each number" in said


APPLIES = 7
"""One that nobody approved, then six: submitted and killed, found, held up, moved, done, over."""
