"""Where an uploaded document is stored, and under which name its sender knows it.

Keys are `uploads/YYYY/MM/DD/<invoice_id>/<name>`: they sort by day, and name their invoice.
"""

import hashlib
import re
import unicodedata
from datetime import datetime

from ulid import ULID

from chalicelib.domain.document import DocumentRef, MediaType
from chalicelib.domain.record import StoredDocument

PREFIX = "uploads/"
OCR_FOLDER = "derived/textract/"

ENDINGS = {
    ".pdf": MediaType.PDF,
    ".png": MediaType.PNG,
    ".jpg": MediaType.JPEG,
    ".jpeg": MediaType.JPEG,
    ".tif": MediaType.TIFF,
    ".tiff": MediaType.TIFF,
    ".xml": MediaType.XML,
    ".p7m": MediaType.P7M,
}

_MAX_NAME_BYTES = 255
_MAX_KEY_NAME = 100
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_KEY = re.compile(r"uploads/\d{4}/\d\d/\d\d/([0-7][0-9A-HJKMNP-TV-Z]{25})/[^/]+")


def safe_filename(name: str, fallback: str = "document") -> str:
    r"""The last part of a sender's file name, as it may be stored, shown and logged: at most 255 bytes of UTF-8.

    Composed (NFC), without folders, control characters and the marks that reverse the direction of writing.

    >>> safe_filename("C:\\post\\..\\Rechnung 12.pdf"), safe_filename("inv\u202efdp.exe"), safe_filename(" .. ")
    ('Rechnung 12.pdf', 'invfdp.exe', 'document')
    """
    composed = unicodedata.normalize("NFC", name)
    printable = "".join(mark for mark in composed if unicodedata.category(mark) not in _UNPRINTABLE)
    last = re.split(r"[/\\]", printable)[-1].strip(" .")
    return _shortened(last, _MAX_NAME_BYTES) or fallback


def upload_key(invoice_id: str, received_at: datetime, filename: str) -> str:
    """The key of a new upload. Its name has only letters, digits, `.`, `-` and `_`, so that operators can type it.

    >>> upload_key("01JDCJ5J3M8Q4V0W2X6Y7Z9A1B", datetime(2026, 11, 23), "Rechnung 12 (neu).pdf")
    'uploads/2026/11/23/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B/Rechnung_12_neu_.pdf'
    """
    plain = unicodedata.normalize("NFKD", safe_filename(filename)).encode("ascii", "ignore").decode()
    name = _shortened(re.sub(r"[^A-Za-z0-9.-]+", "_", plain), _MAX_KEY_NAME).strip(".") or "document"
    return f"{PREFIX}{received_at:%Y/%m/%d}/{invoice_id}/{name}"


def invoice_id_of(ref: DocumentRef) -> str:
    """The invoice of a stored document: the one its key names, or one made from the key.

    An object that somebody put into the bucket by hand has a key of another shape. Its id is made from key and
    version, so that every delivery of its event finds the same invoice.

    >>> invoice_id_of(DocumentRef(key="uploads/2026/11/23/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B/a.pdf"))
    '01JDCJ5J3M8Q4V0W2X6Y7Z9A1B'
    >>> len(invoice_id_of(DocumentRef(key="uploads/by-hand.pdf")))
    26
    """
    named = _KEY.fullmatch(ref.key)
    return named[1] if named else made_up_id(ref)


def made_up_id(ref: DocumentRef) -> str:
    """An id in the shape of all others that depends on nothing but the key and the version."""
    digest = hashlib.sha256(f"{ref.key}\n{ref.version_id or ''}".encode()).digest()
    return str(ULID.from_bytes(digest[:16]))


def ref_of(document: StoredDocument) -> DocumentRef:
    """Where the very version of a document is that its record is about."""
    return DocumentRef(key=document.key, version_id=document.version_id, sequencer=document.sequencer)


def original_of(invoice_id: str, document: StoredDocument) -> DocumentRef:
    """All of the original that belongs to one invoice: every version of a key that names it.

    Versions of a key of another shape are invoices of their own, and only one of them is this.
    """
    whole = names_invoice(document.key, invoice_id)
    return DocumentRef(key=document.key, version_id=None if whole else document.version_id)


def names_invoice(key: str, invoice_id: str) -> bool:
    """Whether a key was given to this very invoice, and to no other.

    >>> names_invoice("uploads/2026/11/23/01JDCJ5J3M8Q4V0W2X6Y7Z9A1B/a.pdf", "01JDCJ5J3M8Q4V0W2X6Y7Z9A1B")
    True
    """
    named = _KEY.fullmatch(key)
    return named is not None and named[1] == invoice_id


def is_only_of(ref: DocumentRef, invoice_id: str) -> bool:
    """Whether what `ref` names is this invoice's alone: by its key, or as one version of a key of another shape."""
    return ref.version_id is not None or names_invoice(ref.key, invoice_id)


def derived_folder(invoice_id: str) -> str:
    """Where everything lies that was made of one invoice: answers of paid steps, outcomes too large for a row."""
    return f"derived/{invoice_id}/"


def ocr_folder(sha256: str) -> str:
    """Where the pages of a document with this content lie that an OCR service is to read."""
    return f"{OCR_FOLDER}{sha256}/"


def media_type_of(filename: str) -> MediaType | None:
    """The kind that the ending of a file name promises, or `None`; what the file is, only its bytes decide.

    >>> media_type_of("SCAN.TIF")
    <MediaType.TIFF: 'image/tiff'>
    """
    return next((kind for ending, kind in ENDINGS.items() if filename.lower().endswith(ending)), None)


def _shortened(name: str, size: int) -> str:
    """`name` within `size` bytes of UTF-8; what is cut is the middle, so that the ending stays."""
    if len(name.encode()) <= size:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = dot + ending if stem and len(ending) <= 8 else ""
    return name.encode()[: size - len(tail.encode())].decode(errors="ignore") + tail
