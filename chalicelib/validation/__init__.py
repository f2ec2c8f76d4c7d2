"""Checks, each a true sentence; and the decision that follows from what they find."""
