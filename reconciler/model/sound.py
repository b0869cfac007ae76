"""What greetings and announcements share: words that are spoken, and how."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

Spoken = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""Text that is spoken."""

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
"""A language, such as ``en`` or ``en-US`` (BCP 47: language and region)."""

Voice = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
"""The name that the platform gives a voice."""
