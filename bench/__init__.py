"""Measurements: speed beside another program, memory, import time, package size. Never part of the tests."""
