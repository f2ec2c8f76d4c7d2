"""A Factur-X PDF: the page for people, and `factur-x.xml` embedded for programs."""

from reportlab.pdfbase.pdfdoc import PDFArray, PDFCatalog, PDFDictionary, PDFName, PDFStream, PDFString

from samples.making.bill import Bill
from samples.making.cii import EN_16931, cii
from samples.making.cii_minimum import MINIMUM, cii_minimum
from samples.making.layouts.laboratory import laboratory_sheet

_FILE_NAME = "factur-x.xml"
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>
<fx:Version>1.0</fx:Version><fx:ConformanceLevel>{profile}</fx:ConformanceLevel>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


class _Catalog(PDFCatalog):  # type: ignore[misc]  # reportlab has no types
    """A catalogue that also knows associated files (PDF 2.0, and PDF/A-3 before it)."""

    __NoDefault__ = (*PDFCatalog.__NoDefault__, "AF")


def factur_x(bill: Bill, printed: Bill | None = None, *, guideline: str = EN_16931) -> bytes:
    """The PDF of a bill with its XML in a profile; the page shows `printed`, where that is another."""
    xml = cii_minimum(bill) if guideline == MINIMUM else cii(bill, guideline)
    sheet = laboratory_sheet(printed or bill)
    document = sheet.document
    attached = document.Reference(_file_specification(document.Reference(_embedded_file(xml))))
    document.Catalog.__class__ = _Catalog
    document.Catalog.AF = PDFArray([attached])
    document.Catalog.Names = PDFDictionary(
        {"EmbeddedFiles": PDFDictionary({"Names": PDFArray([PDFString(_FILE_NAME), attached])})}
    )
    document.Catalog.Metadata = _metadata("MINIMUM" if guideline == MINIMUM else "EN 16931")
    return sheet.pdf()


def _embedded_file(xml: bytes) -> PDFStream:
    facts = PDFDictionary({"Size": len(xml)})
    return PDFStream(
        PDFDictionary({"Type": PDFName("EmbeddedFile"), "Subtype": PDFName("text/xml"), "Params": facts}), xml
    )


def _file_specification(file: object) -> PDFDictionary:
    return PDFDictionary(
        {
            "Type": PDFName("Filespec"),
            "F": PDFString(_FILE_NAME),
            "UF": PDFString(_FILE_NAME),
            "Desc": PDFString("Factur-X invoice"),
            "AFRelationship": PDFName("Alternative"),
            "EF": PDFDictionary({"F": file, "UF": file}),
        }
    )


def _metadata(profile: str) -> PDFStream:
    xmp = _XMP.format(profile=profile).encode()
    return PDFStream(PDFDictionary({"Type": PDFName("Metadata"), "Subtype": PDFName("XML")}), xmp)
