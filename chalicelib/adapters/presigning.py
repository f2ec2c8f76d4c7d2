"""What the links and upload forms of every family have in common."""

import unicodedata
from urllib.parse import quote

from chalicelib.errors import RejectedError

_MAX_CHARACTERS = 150
_ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"  # RFC 5987, beside letters and digits
_SUBSTITUTED = "${filename}"  # S3 puts the sender's file name here


def exact_key(key: str) -> str:
    """The key itself; `RejectedError("bad_key", …)` when S3 would let the sender of a form complete it."""
    if _SUBSTITUTED in key:
        raise RejectedError("bad_key", f"A document's key cannot hold {_SUBSTITUTED}.")
    return key


def attachment(filename: str) -> str:
    """The `Content-Disposition` that saves a document as `filename` (RFC 6266, with RFC 5987 for other alphabets).

    >>> print(attachment('Rechnung "März".pdf'))
    attachment; filename="Rechnung _Marz_.pdf"; filename*=UTF-8''Rechnung%20%22M%C3%A4rz%22.pdf
    """
    name = "".join(character for character in filename if character.isprintable())
    name = name.encode(errors="replace").decode()[-_MAX_CHARACTERS:] or "document"
    return f"attachment; filename=\"{_ascii(name)}\"; filename*=UTF-8''{quote(name, safe=_ATTRIBUTE_CHARACTERS)}"


def _ascii(name: str) -> str:
    """The name for clients that know nothing but ASCII, and safe between quotes."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", errors="ignore").decode()
    return "".join("_" if character in '"\\%/;' else character for character in letters) or "document"
