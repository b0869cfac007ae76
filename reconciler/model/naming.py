"""What names of objects look like."""

from __future__ import annotations

import enum
import re

from reconciler.model.types import DIGITS_PATTERN, E164_PATTERN, NAME_PATTERN


class Naming(enum.Enum):
    """What names of a kind look like: a pattern, how to say it, and its key where that is less."""

    NAME = (NAME_PATTERN, "lower-case letters, digits and hyphens", "")
    DIGITS = (DIGITS_PATTERN, "2 to 8 digits", "")
    E164 = (E164_PATTERN, "E.164, such as +12015550144", "")
    DEVICE = (
        r"^[0-9]{2,8}-[a-z0-9][a-z0-9-]{0,62}$",
        "extension and device name, such as 4201-desk",
        "lower-case letters, digits and hyphens",
    )

    pattern: str
    """The regular expression that names match."""
    words: str
    """The same for people."""
    key_words: str
    """What an author writes of it, as a key in YAML."""

    def __init__(self, pattern: str, words: str, key_words: str) -> None:
        self.pattern = pattern
        self.words = words
        self.key_words = key_words or words
        self._match = re.compile(pattern).match

    def fits(self, name: str) -> bool:
        """Whether a name looks like that."""
        return self._match(name) is not None
