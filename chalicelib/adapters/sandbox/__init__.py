"""Processes of their own for native code that reads strangers' files: limited in time and memory, replaceable."""
