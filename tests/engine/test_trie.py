"""Strings by their beginnings."""

from __future__ import annotations

from reconciler.engine.trie import Trie


def test_what_equals_begins_and_continues_a_string() -> None:
    trie: Trie[str] = Trie()
    for text in ("911", "91", "9110", "9115", "8", "91"):
        trie.add(text, f"<{text}>")
    assert trie.same("91") == ["<91>", "<91>"]
    assert trie.same("9") == []
    assert [*trie.shorter("911")] == ["<91>", "<91>"]
    assert trie.longer("911") == "<9110>"
    assert trie.longer("9110") is None
    assert trie.longer("") == "<911>"
    assert [*trie.met("911")] == ["<911>", "<91>", "<91>", "<9110>"]
    assert [*trie.met("7")] == []
