"""Kinds are tried through whole tenants too."""

from tests.engine.conftest import check, scene_of

__all__ = ["check", "scene_of"]
