"""The programs that are measured, each started as a process of its own.

Each reads a JSON list of paths from standard input, does one document to warm up and then all of them, and prints one
JSON object: `ready_seconds` (imports and the first document), `seconds` (one entry a document), `answered` (how many
gave anything) and `steps_ms`, where it knows them.
"""
