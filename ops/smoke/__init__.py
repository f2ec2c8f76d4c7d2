"""`ops smoke`: one invented invoice through the real API, from the door to its result and out again."""

from ops.smoke.command import COMMAND

__all__ = ["COMMAND"]
