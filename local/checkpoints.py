"""The embedded checkpoints: files beside the originals."""

import secrets
from pathlib import Path

from chalicelib.adapters.derived import checkpoint_key
from chalicelib.settings import Settings
from local.files import disk_errors, file_of, publish


class FolderCheckpoints:
    """Files in `<data>/bucket/derived/<invoice_id>/`."""

    def __init__(self, settings: Settings) -> None:
        self._root = Path(settings.data_dir) / "bucket"
        self._drafts = Path(settings.data_dir) / "drafts"

    def load(self, invoice_id: str, name: str) -> bytes | None:
        """What was kept under this name, or `None`."""
        path = file_of(self._root, checkpoint_key(invoice_id, name))
        with disk_errors(path):
            return path.read_bytes() if path.is_file() else None

    def save(self, invoice_id: str, name: str, content: bytes) -> None:
        """Keep `content`; it is durable once this has returned."""
        draft = self._drafts / secrets.token_hex(16)
        with disk_errors(draft):
            self._drafts.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.write_bytes(content)
        publish(draft, file_of(self._root, checkpoint_key(invoice_id, name)))
