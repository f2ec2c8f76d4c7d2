"""Where the original of an invoice is found."""

import pytest

from chalicelib.domain.document import DocumentRef
from chalicelib.domain.record import InvoiceRecord
from chalicelib.errors import NotFoundError
from chalicelib.pipeline.erase import Erase
from chalicelib.pipeline.find import FindInvoice, LinkToDocument
from tests.builders import a_document
from tests.unit.pipeline.scene import Scene, read_several, read_well
from tests.unit.pipeline.test_versions import stored

SEVERAL = "one with three invoices"


def link_of(scene: Scene, invoice_id: str) -> str:
    """What the product links to."""
    return LinkToDocument(FindInvoice(scene.adapters.invoices()), scene.adapters.documents(), 60)(invoice_id)


def link_to(scene: Scene, record: InvoiceRecord, ref: DocumentRef) -> str:
    """A link to one version."""
    return scene.adapters.documents().link(ref.key, record.document.filename, 60, ref.version_id)


def several_invoices(scene: Scene) -> tuple[InvoiceRecord, DocumentRef]:
    """The first invoice of a document that holds several, and where that is."""
    scene.received(a_document(SEVERAL))
    ref = scene.event()
    return scene.delivered(read_several, ref=ref), ref


def test_all_invoices_of_a_document_have_the_same_original(scene: Scene) -> None:
    first, ref = several_invoices(scene)

    assert link_of(scene, f"{first.invoice_id}-2") == link_of(scene, first.invoice_id) == link_to(scene, first, ref)


def test_of_the_same_bytes_stored_again_all_invoices_have_the_last_version(scene: Scene) -> None:
    first, _ = several_invoices(scene)
    again = stored(scene, first, SEVERAL)
    scene.delivered(read_several, ref=again)

    assert link_of(scene, f"{first.invoice_id}-2") == link_of(scene, first.invoice_id) == link_to(scene, first, again)


def test_an_invoice_of_an_older_version_has_that_one_as_original(scene: Scene) -> None:
    first, ref = several_invoices(scene)
    other = stored(scene, first, "another with one invoice")
    scene.delivered(read_well, ref=other)

    assert link_of(scene, f"{first.invoice_id}-2") == link_to(scene, first, ref)
    assert link_of(scene, first.invoice_id) == link_to(scene, first, other)


def test_an_erased_one_has_none(scene: Scene) -> None:
    first, _ = several_invoices(scene)
    Erase(scene.adapters.documents(), scene.adapters.invoices(), scene.clock)(first.invoice_id)

    with pytest.raises(NotFoundError):
        link_of(scene, f"{first.invoice_id}-2")
