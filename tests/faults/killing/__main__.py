"""See `worker`."""

from tests.faults.killing.worker import serve

serve()
