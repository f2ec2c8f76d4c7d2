"""The embedded answers of paid steps."""

from pathlib import Path

from chalicelib.adapters.checkpoint_keys import checkpoint_key
from chalicelib.settings import Settings
from local.files import disk_errors, file_of, new_draft, publish


class FolderCheckpoints:
    """Checkpoints in `<data>/bucket/derived/<invoice_id>/`: each is there whole, or not at all."""

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
        path = file_of(self._root, checkpoint_key(invoice_id, name))
        draft = new_draft(self._drafts)
        try:
            with disk_errors(draft):
                draft.write_bytes(content)
            publish(draft, path)
        finally:
            draft.unlink(missing_ok=True)
