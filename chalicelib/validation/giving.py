"""What we stand for, and what we only suggest.

A value that a picture shows unclearly is worse than none where programs read it; to the person who looks at the
document anyway it is a help. So it is kept apart, with all its evidence.
"""

from chalicelib.domain.invoice import FieldName, Invoice, Value
from chalicelib.domain.source import Source

# From which probability on a value is given.
_STANDS = {Source.OCR: 0.8, Source.TEXT: 0.4, Source.TEXTRACT: 0.8, Source.MODEL: 0.8}


def given(invoice: Invoice) -> Invoice:
    """The same invoice; its unsure values stand in `suggestions` and no longer in `fields`."""
    unsure = {name: value for name, value in invoice.fields.items() if not _is_given(value)}
    if not unsure:
        return invoice
    fields = {name: value for name, value in invoice.fields.items() if name not in unsure}
    suggestions: dict[FieldName, Value] = {**invoice.suggestions, **unsure}
    return invoice.model_copy(update={"fields": fields, "suggestions": suggestions})


def _is_given(value: Value) -> bool:
    return value.confidence >= _STANDS.get(value.source, 0.0)
