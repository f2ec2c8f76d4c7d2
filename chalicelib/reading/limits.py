"""How much of a document is read before it is refused."""

from typing import NamedTuple

from chalicelib.settings import Settings


class Limits(NamedTuple):
    """Upper bounds for one document; the defaults are those of the settings."""

    max_document_bytes: int = 50_000_000
    max_pages: int = 100
    max_pixels: int = 50_000_000  # of one image
    max_image_side: int = 10_000  # pixels
    max_xml_bytes: int = 10_000_000


def limits_of(settings: Settings) -> Limits:
    """The limits a deployment was given."""
    return Limits(*(getattr(settings, name) for name in Limits._fields))
