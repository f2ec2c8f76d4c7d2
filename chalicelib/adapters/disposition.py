"""How a stored original is offered for download: always as a file to save, under its sender's name for it."""

import unicodedata
from urllib.parse import quote

_MAX_CHARACTERS = 150
_ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"  # RFC 5987, beside letters and digits


def attachment(filename: str) -> str:
    """The `Content-Disposition` that saves a document as `filename` (RFC 6266, with RFC 5987 for other alphabets).

    >>> attachment('Rechnung "März".pdf')
    "attachment; filename=\\"Rechnung _Marz_.pdf\\"; filename*=UTF-8''Rechnung%20%22M%C3%A4rz%22.pdf"
    """
    name = "".join(character for character in filename if character.isprintable())
    name = name.encode(errors="replace").decode()[-_MAX_CHARACTERS:] or "document"
    return f"attachment; filename=\"{_ascii(name)}\"; filename*=UTF-8''{quote(name, safe=_ATTRIBUTE_CHARACTERS)}"


def _ascii(name: str) -> str:
    """The name for clients that know nothing but ASCII, and safe between quotes."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", errors="ignore").decode()
    return "".join("_" if character in '"\\%/;' else character for character in letters) or "document"
