"""`ops smoke`: one invented invoice through the real API, from the door to its result and out again."""
