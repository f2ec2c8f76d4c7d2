"""Papers: PDFs, pictures and e-invoices drawn for one test, each with just what that test is about."""

import io
from collections.abc import Callable, Sequence

import pypdfium2
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

A4 = (595.0, 842.0)  # points
_UPRIGHT: dict[int, tuple[float, float, int]] = {90: (A4[0], 0, 90), 180: (*A4, 180), 270: (0, A4[1], -90)}

Drawing = Callable[[Canvas], None]


def a_pdf(*pages: Drawing, password: str = "", owner_password: str = "") -> bytes:
    """A PDF (A4), a page for each drawing; one with a line of text when none is given."""
    stream = io.BytesIO()
    encryption = StandardEncryption(password, ownerPassword=owner_password) if password or owner_password else None
    canvas = Canvas(stream, pagesize=A4, encrypt=encryption)
    for draw in pages or (lines("Invoice 4711", "Total 119.00 EUR"),):
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def lines(*texts: str, left: float = 72.0, top: float = 72.0, **style: float) -> Drawing:
    """Draws lines below each other; `left` and `top` are points from the upper left corner of the upright page.

    `size` is the font size, `mode` the text render mode, `grey` the colour (0 black, 1 white), `spacing` the space
    between letters, all in points.
    """

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", style.get("size", 12))
        canvas.setFillGray(style.get("grey", 0))
        for row, text in enumerate(texts):
            line = canvas.beginText(left, A4[1] - top - 20 * row)
            line.setTextRenderMode(int(style.get("mode", 0)))
            line.setCharSpace(style.get("spacing", 0))
            line.textOut(text)
            canvas.drawText(line)

    return draw


def together(*drawings: Drawing) -> Drawing:
    """Draws several things on one page, in order."""

    def draw(canvas: Canvas) -> None:
        for one in drawings:
            one(canvas)

    return draw


def turned(turn: int, drawing: Drawing, *, says_so: bool = True) -> Drawing:
    """Draws on a page whose content lies on its side by `turn` degrees; with /Rotate to undo it, if it `says_so`."""

    def draw(canvas: Canvas) -> None:
        if says_so:
            canvas.setPageRotation(turn)  # which swaps the sides of the page: swap them back
            canvas.setPageSize((A4[1], A4[0]) if turn in {90, 270} else A4)
        if turn:
            x, y, angle = _UPRIGHT[turn]
            canvas.translate(x, y)
            canvas.rotate(angle)
            if turn in {90, 270}:  # the page is now landscape: keep the drawing's upper left corner in place
                canvas.translate(0, A4[0] - A4[1])
        drawing(canvas)

    return draw


def a_box(left: float, top: float, width: float, height: float, grey: float = 0.2) -> Drawing:
    """Draws a filled rectangle; points from the upper left corner."""

    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(grey)
        canvas.rect(left, A4[1] - top - height, width, height, stroke=0, fill=1)

    return draw


def a_scan(picture: Image.Image | None = None) -> Drawing:
    """Draws a picture over the whole page."""

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(picture or a_picture()), 0, 0, *A4)

    return draw


def a_picture(*texts: str, width: int = 827, height: int = 1170, size: int = 28) -> Image.Image:
    """A white picture with lines of black text, about A4 at 100 dpi."""
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    for row, text in enumerate(texts):
        pen.text((80, 80 + 2 * size * row), text, fill="black", font=ImageFont.load_default(size))
    return picture


def encoded(picture: Image.Image, kind: str = "PNG", *others: Image.Image) -> bytes:
    """The bytes of a picture as PNG, JPEG or TIFF; a TIFF may have `others` as further pages."""
    stream = io.BytesIO()
    if others:
        picture.save(stream, kind, save_all=True, append_images=list(others))
    else:
        picture.save(stream, kind)
    return stream.getvalue()


def with_attachments(pdf: bytes, *attachments: tuple[str, bytes]) -> bytes:
    """A PDF with files inside."""
    document = pypdfium2.PdfDocument(pdf)
    for name, content in attachments:
        document.new_attachment(name).set_data(content)
    stream = io.BytesIO()
    document.save(stream)
    document.close()
    return stream.getvalue()


def a_ubl_invoice(*more: str, lines: Sequence[str] | None = None, kind: str = "Invoice") -> bytes:
    """A UBL document with the least a reader needs; `more` goes before the parties, `lines` are whole elements."""
    quantity = "CreditedQuantity" if kind == "CreditNote" else "InvoicedQuantity"
    items = lines if lines is not None else [a_ubl_line(kind, quantity)]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{kind} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ID>RE-7</cbc:ID><cbc:IssueDate>2026-11-20</cbc:IssueDate>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>{"".join(more)}
  <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount></cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="EUR">119.00</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="EUR">119.00</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>{"".join(items)}
</{kind}>""".encode()


def a_ubl_line(kind: str = "Invoice", quantity: str = "InvoicedQuantity", price: str = "50.00", base: str = "") -> str:
    """A line of 2 pieces that come to 100.00."""
    return f"""<cac:{kind}Line><cbc:ID>1</cbc:ID><cbc:{quantity} unitCode="C62">2</cbc:{quantity}>
      <cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount>
      <cac:Item><cbc:Description>Planed, 2 m</cbc:Description><cbc:Name>Oak board</cbc:Name>
        <cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:ClassifiedTaxCategory>
      </cac:Item>
      <cac:Price><cbc:PriceAmount currencyID="EUR">{price}</cbc:PriceAmount>{base}</cac:Price></cac:{kind}Line>"""


def a_cii_invoice(
    *, header: str = "", agreement: str = "", delivery: str = "", settlement: str = "", totals: str = "",
    lines: Sequence[str] | None = None, type_code: str = "380",
) -> bytes:  # fmt: skip
    """A CII document with the least a reader needs; each argument is put into the part of that name."""
    items = lines if lines is not None else [a_cii_line()]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
  <rsm:ExchangedDocument><ram:ID>RE-7</ram:ID><ram:TypeCode>{type_code}</ram:TypeCode>
    <ram:IssueDateTime><udt:DateTimeString format="102">20261120</udt:DateTimeString></ram:IssueDateTime>{header}
  </rsm:ExchangedDocument>
  <rsm:SupplyChainTradeTransaction>{"".join(items)}
    <ram:ApplicableHeaderTradeAgreement>{agreement}</ram:ApplicableHeaderTradeAgreement>
    <ram:ApplicableHeaderTradeDelivery>{delivery}</ram:ApplicableHeaderTradeDelivery>
    <ram:ApplicableHeaderTradeSettlement>
      <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>{settlement}
      <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
        <ram:LineTotalAmount>100.00</ram:LineTotalAmount>
        <ram:TaxBasisTotalAmount>100.00</ram:TaxBasisTotalAmount>
        <ram:TaxTotalAmount currencyID="EUR">19.00</ram:TaxTotalAmount>
        <ram:GrandTotalAmount>119.00</ram:GrandTotalAmount>{totals}
        <ram:DuePayableAmount>119.00</ram:DuePayableAmount>
      </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    </ram:ApplicableHeaderTradeSettlement>
  </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>""".encode()


def a_cii_line(
    name: str = "Oak board", amount: str = "100.00", *, number: str = "1", parent: str = "", status: str = ""
) -> str:
    """A line of 2 pieces; `status` and `parent` are those of sub lines in the EXTENDED profile."""
    above = f"<ram:ParentLineID>{parent}</ram:ParentLineID>" if parent else ""
    kind = f"<ram:LineStatusReasonCode>{status}</ram:LineStatusReasonCode>" if status else ""
    return f"""<ram:IncludedSupplyChainTradeLineItem>
      <ram:AssociatedDocumentLineDocument><ram:LineID>{number}</ram:LineID>{above}{kind}
      </ram:AssociatedDocumentLineDocument>
      <ram:SpecifiedTradeProduct><ram:SellerAssignedID>OB-2</ram:SellerAssignedID><ram:Name>{name}</ram:Name>
      </ram:SpecifiedTradeProduct>
      <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>50.00</ram:ChargeAmount>
      </ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
      <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">2</ram:BilledQuantity>
      </ram:SpecifiedLineTradeDelivery>
      <ram:SpecifiedLineTradeSettlement>
        <ram:ApplicableTradeTax><ram:RateApplicablePercent>19</ram:RateApplicablePercent></ram:ApplicableTradeTax>
        <ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>{amount}</ram:LineTotalAmount>
        </ram:SpecifiedTradeSettlementLineMonetarySummation>
      </ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>"""
