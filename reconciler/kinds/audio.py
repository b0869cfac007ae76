"""An announcement: a sound file or words to speak, and where the call goes after it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import ConfigDict, model_validator

from reconciler.model.reference import Destination
from reconciler.model.resource import Resource
from reconciler.model.sound import Language, Spoken, Voice
from reconciler.model.types import ProjectFile, mistake, text_like


def _inside(value: str) -> str:
    if any(step in {"", ".", ".."} for step in value.split("/")):
        raise ValueError("the path leads out of the project or has odd steps")
    return value


SoundFile = text_like(
    r"^[A-Za-z0-9_.-][A-Za-z0-9_./ -]{0,250}\.(wav|mp3|ogg|flac)$",
    "the path of a wav, mp3, ogg or flac file in the project, such as prompts/closed.wav",
    _inside,
)
"""A sound file, by its path from the project's folder."""


class Audio(Resource):
    """An announcement. As a destination it plays and goes on; as a greeting it only sounds."""

    kind: ClassVar[str] = "audio"
    section: ClassVar[str] = "audio"
    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["file"]}, {"required": ["say"]}]}
    )

    file: Annotated[SoundFile | None, ProjectFile()] = None  # type: ignore[valid-type]
    """A sound file in the project, such as ``prompts/closed.wav``."""

    say: Spoken | None = None
    """Text that is spoken."""

    language: Language | None = None
    """The language of `say`, such as ``en-US``."""

    voice: Voice | None = None
    """The voice of `say`."""

    then: Destination | None = None
    """Where the call goes after it, or ``hangup``; a mere greeting leaves it out."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.file is None) == (self.say is None):
            raise mistake("E123", "an announcement is a file or is spoken", "Give `file` or `say`.")
        if self.say is None and (self.language is not None or self.voice is not None):
            hint = "Take them out: a file sounds as it is."
            raise mistake("E132", "`language` and `voice` belong to `say`", hint)
        return self
