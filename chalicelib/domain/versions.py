"""Which of two events of one key is the newer. S3's events may come late, twice and in any order.

S3 gives each event a `sequencer`: hexadecimal digits that grow for one key, but not always of the same length. The
shorter is filled up with zeros on its right, and then the order of texts is the order of events
(S3 User Guide, "Event message structure").
"""

from enum import StrEnum

from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import StoredDocument


class Age(StrEnum):
    """How what an event names stands to what a row is about. Without sequencers both are taken to be the same."""

    OLDER = "older"
    SAME = "same"
    NEWER = "newer"


def is_newer(sequencer: str, than: str) -> bool:
    """Whether the event with `sequencer` came after the one of the same key with the sequencer `than`.

    >>> is_newer("0055AED6DCD90281E6", "0055AED6DCD90281E5"), is_newer("1F", "1F00"), is_newer("2", "1FFF")
    (True, False, True)
    """
    width = max(len(sequencer), len(than))
    return _filled(sequencer, width) > _filled(than, width)


def age_of(ref: DocumentRef, document: StoredDocument) -> Age:
    """How old the version that `ref` names is beside the one that the row of `document` is about.

    A row that heard of no event yet is older than any, but for one of the version that it is about already.
    """
    is_known = ref.version_id is not None and ref.version_id == document.version_id
    if ref.sequencer is None or is_known:
        return Age.SAME
    if document.sequencer is None or is_newer(ref.sequencer, document.sequencer):
        return Age.NEWER
    return Age.OLDER if is_newer(document.sequencer, ref.sequencer) else Age.SAME


def _filled(sequencer: str, width: int) -> str:
    return sequencer.upper().ljust(width, "0")
