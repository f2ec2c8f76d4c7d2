"""What every family of adapters agrees on about derived objects: their keys, which are never under `uploads/`."""

import re

from chalicelib.errors import ConfigurationError

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,199}")
_INVOICE_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


def checkpoint_key(invoice_id: str, name: str) -> str:
    """The key of a kept answer; `ConfigurationError` for names that could mean another place.

    >>> checkpoint_key("01JDCJ5J3M8Q4V0W2X6Y7Z9A1B", "words-2f1a-1")
    'derived/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B/words-2f1a-1.json'
    """
    if not (_INVOICE_ID.fullmatch(invoice_id) and _NAME.fullmatch(name)):
        raise ConfigurationError("bad_name", "Checkpoints have names of small letters, digits, dots and dashes.")
    return f"derived/{invoice_id}/{name}.json"
