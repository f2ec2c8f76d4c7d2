"""Paid services as servers on loopback, for tests and measurements: they answer as the real ones, and keep the bill."""
