"""Where the answers of paid steps are kept, whatever the family."""

import re

_NAME = re.compile(r"(?!outcome-)[a-z0-9][a-z0-9.-]{0,99}")


def checkpoint_key(invoice_id: str, name: str) -> str:
    """The key of a checkpoint; `ValueError` for a name that is not made of a to z, digits, dots and hyphens.

    Outcomes too large for a row lie in the same folder, as `outcome-…`: no checkpoint may be called so.

    >>> checkpoint_key("01K9Q0000000000000000000AA", "ocr-1.json")
    'derived/01K9Q0000000000000000000AA/ocr-1.json'
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"A checkpoint cannot be called {name!r}.")
    return f"derived/{invoice_id}/{name}"
