"""Every page, and every state of it that looks different: what is held against rules and what pictures are taken of."""

from __future__ import annotations

import dashboard_scenes  # noqa: F401 - each enters its own
import order_scenes  # noqa: F401
import other_scenes  # noqa: F401
import way_in_scenes  # noqa: F401
from setting import SCENES, Scene, enter

__all__ = ["SCENES", "Scene", "enter"]
