"""FatturaPA: what each field means, as the Agenzia delle Entrate's rules say it."""

from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.document import MediaType, ReadDocument
from chalicelib.domain.finding import Severity
from chalicelib.domain.invoice import DocumentType, FieldName, Invoice, LineItem, TaxLine
from chalicelib.domain.source import Source
from chalicelib.reading.einvoice.read import read_einvoices
from chalicelib.reading.limits import Limits
from chalicelib.validation.checking import Circumstances
from chalicelib.validation.checks import check
from tests.fatture import A_SELLER, a_body, a_fattura, a_line, a_payment, a_summary


def an_invoice_of(content: bytes) -> Invoice:
    (invoice,) = read_einvoices(content, Limits())
    return invoice


def texts_of(content: bytes) -> dict[str, str]:
    return {name.value: value.value for name, value in an_invoice_of(content).fields.items()}


def errors_of(invoice: Invoice) -> list[str]:
    _, findings = check(invoice, Circumstances(ReadDocument(MediaType.XML, 1), date(2026, 11, 23)))
    return [finding.code for finding in findings if finding.severity is Severity.ERROR]


def test_every_header_field_that_fatturapa_knows_is_read() -> None:
    general = """<DatiOrdineAcquisto><IdDocumento>PO-33</IdDocumento></DatiOrdineAcquisto>
      <DatiFattureCollegate><IdDocumento>12/A</IdDocumento></DatiFattureCollegate>
      <DatiTrasporto><DataOraConsegna>2026-11-18T09:30:00</DataOraConsegna></DatiTrasporto>"""
    payment = a_payment(
        "<DataScadenzaPagamento>2026-12-20</DataScadenzaPagamento><ImportoPagamento>122.00</ImportoPagamento>"
        "<IBAN>IT88 Q999 9900 0000 0001 2345 678</IBAN><BIC>ZZZZITMM</BIC><CodicePagamento>RF-41</CodicePagamento>"
    )

    assert texts_of(a_fattura(a_body(general=general, payment=payment))) == {
        "invoice_number": "41/A",
        "issue_date": "2026-11-20",
        "currency": "EUR",
        "purchase_order": "PO-33",
        "preceding_invoice": "12/A",
        "buyer_reference": "CAP-7",
        "delivery_date": "2026-11-18",
        "supplier_name": "Tipografia Cardo S.r.l.",
        "supplier_tax_id": "IT09999000012",
        "supplier_address": "Via dei Tigli 9, 00199 Borgo Cardo ZZ, IT",
        "supplier_registration": "ZZ-990041",
        "supplier_email": "conti@cardo.example.com",
        "supplier_phone": "0999 990 148",
        "buyer_name": "Mara Torrini",
        "buyer_tax_id": "TRNMRA70A41Z999X",
        "buyer_address": "Via dei Tigli 9, 00199 Borgo Cardo ZZ, IT",
        "subtotal": "100.00",
        "tax": "22.00",
        "total": "122.00",
        "due_date": "2026-12-20",
        "payment_reference": "RF-41",
        "iban": "IT88Q9999900000000012345678",
        "bic": "ZZZZITMM",
        "amount_due": "122.00",
    }


def test_values_are_exact_and_say_where_they_come_from() -> None:
    total = an_invoice_of(a_fattura()).fields[FieldName.TOTAL]

    assert (total.source, total.text, total.page) == (Source.EINVOICE, "122.00", None)
    assert total.confidence > 0.99


def test_an_id_that_repeats_its_country_keeps_it_once() -> None:
    seller = A_SELLER.replace("<IdCodice>09999", "<IdCodice>IT09999")

    assert texts_of(a_fattura(seller=seller))["supplier_tax_id"] == "IT09999000012"


def test_a_tax_code_is_no_vat_id_of_malta() -> None:
    seller = A_SELLER.replace("IdFiscaleIVA", "Altro").replace(
        "<CodiceFiscale>09999000012", "<CodiceFiscale>MTRLSN70A41Z999X"
    )
    invoice = an_invoice_of(a_fattura(seller=seller))

    _, findings = check(invoice, Circumstances(ReadDocument(MediaType.XML, 1), date(2026, 11, 23)))

    assert invoice.text(FieldName.SUPPLIER_TAX_ID) == "MTRLSN70A41Z999X"
    assert findings == ()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("TD01", DocumentType.INVOICE),
        ("TD02", DocumentType.INVOICE),
        ("TD04", DocumentType.CREDIT_NOTE),
        ("TD05", DocumentType.INVOICE),
        ("TD06", DocumentType.INVOICE),
        ("TD08", DocumentType.CREDIT_NOTE),
        ("TD17", DocumentType.OTHER),
        ("TD24", DocumentType.INVOICE),
        ("TD27", DocumentType.OTHER),
        ("TD28", DocumentType.OTHER),
    ],
)
def test_the_kind_of_document_says_whether_there_is_something_to_pay(code: str, kind: DocumentType) -> None:
    assert an_invoice_of(a_fattura(a_body(kind=code))).document_type is kind


def test_a_line_has_its_net_price() -> None:
    discount = "<ScontoMaggiorazione><Tipo>SC</Tipo><Percentuale>10.00</Percentuale></ScontoMaggiorazione>"
    line = a_line(amount="90.00000000", price="50.00000000", quantity="2.00000000", more=discount)

    (item,) = an_invoice_of(a_fattura(a_body(lines=line))).line_items

    assert item == LineItem(
        description="Biglietti da visita",
        product_code="BV-1",
        quantity=Decimal("2.00"),
        unit="pz",
        unit_price=Decimal("45.00"),
        amount=Decimal("90.00"),
        tax_rate=Decimal("22.00"),
    )


@pytest.mark.parametrize(
    ("changes", "amount", "price"),
    [
        ([("SC", "<Percentuale>50</Percentuale><Importo>25.00</Importo>")] * 2, "0.00", "0.00"),
        ([("SC", "<Percentuale>10</Percentuale>"), ("SC", "<Percentuale>10</Percentuale>")], "81.00", "40.50"),
        ([("SC", "<Importo>-1.71</Importo>")], "96.58", "48.29"),
        ([("MG", "<Importo>5.00</Importo>")], "110.00", "55.00"),
        ([("SC", "<Importo>10.00</Importo>")], "90.00", "50.00"),  # off the whole line, against the rules
    ],
)
def test_discounts_and_surcharges_change_the_price_as_the_line_says(
    changes: list[tuple[str, str]], amount: str, price: str
) -> None:
    more = "".join(f"<ScontoMaggiorazione><Tipo>{kind}</Tipo>{how}</ScontoMaggiorazione>" for kind, how in changes)

    (item,) = an_invoice_of(a_fattura(a_body(lines=a_line(amount=amount, more=more)))).line_items

    assert item.unit_price == Decimal(price)


@pytest.mark.parametrize(
    ("nature", "category"),
    [
        ("N1", "O"),
        ("N2.1", "O"),
        ("N3.1", "G"),
        ("N3.2", "K"),
        ("N3.5", "E"),
        ("N4", "E"),
        ("N6.3", "AE"),
        ("N9", None),
    ],
)
def test_the_reason_for_no_tax_is_a_category(nature: str, category: str | None) -> None:
    summary = a_summary(tax="0.00", rate="0.00", more=f"<Natura>{nature}</Natura>")

    (line,) = an_invoice_of(a_fattura(a_body(summary=summary, total="100.00"))).taxes

    assert line == TaxLine(rate=Decimal("0.00"), category=category, base=Decimal("100.00"), amount=Decimal("0.00"))


def test_a_public_body_pays_the_tax_itself() -> None:
    split = a_summary().replace("</Imposta>", "</Imposta><EsigibilitaIVA>S</EsigibilitaIVA>")

    assert an_invoice_of(a_fattura(a_body(summary=split))).taxes[0].category == "B"


def test_net_and_tax_are_the_sums_of_all_rates() -> None:
    body = a_body(summary=a_summary() + a_summary("50.00", "2.00", "4.00"), total="")
    fields = an_invoice_of(a_fattura(body)).fields

    assert fields[FieldName.SUBTOTAL].value == "150.00"
    assert fields[FieldName.TAX].text == "22.00 + 2.00"
    assert fields[FieldName.TOTAL].value == "174.00"  # what the parts are, where no total is said


def test_a_total_that_the_parts_do_not_give_stays_absent() -> None:
    stamp = "<DatiBollo><BolloVirtuale>SI</BolloVirtuale><ImportoBollo>2.00</ImportoBollo></DatiBollo>"
    share = "<ScontoMaggiorazione><Tipo>SC</Tipo><Percentuale>5.00</Percentuale></ScontoMaggiorazione>"

    assert "total" not in texts_of(a_fattura(a_body(document=stamp, total="")))
    assert "total" not in texts_of(a_fattura(a_body(document=share, total="")))


@pytest.mark.parametrize(("total", "charges"), [("124.00", "2.00"), ("122.00", None)])
def test_stamp_duty_is_a_charge_where_the_total_holds_it(total: str, charges: str | None) -> None:
    stamp = "<DatiBollo><BolloVirtuale>SI</BolloVirtuale><ImportoBollo>2.00</ImportoBollo></DatiBollo>"
    invoice = an_invoice_of(a_fattura(a_body(document=stamp, total=total)))

    assert invoice.text(FieldName.CHARGES) == charges
    assert errors_of(invoice) == []


def test_discount_and_rounding_of_the_whole_document_stand_between_net_and_total() -> None:
    document = """<ScontoMaggiorazione><Tipo>SC</Tipo><Importo>10.00</Importo></ScontoMaggiorazione>
      <Arrotondamento>-0.40</Arrotondamento>"""
    invoice = an_invoice_of(a_fattura(a_body(document=document, total="111.60")))

    assert (invoice.text(FieldName.DISCOUNT), invoice.text(FieldName.ROUNDING)) == ("10.00", "-0.40")
    assert errors_of(invoice) == []


def test_a_pension_funds_contribution_is_a_charge_within_the_net_and_stamp_duty_one_beside_it() -> None:
    document = """<DatiBollo><BolloVirtuale>SI</BolloVirtuale><ImportoBollo>2.00</ImportoBollo></DatiBollo>
      <DatiCassaPrevidenziale><TipoCassa>TC22</TipoCassa><AlCassa>4.00</AlCassa>
      <ImportoContributoCassa>4.00</ImportoContributoCassa></DatiCassaPrevidenziale>"""
    summary = a_summary("104.00", "0.00", "0.00", "<Natura>N2.2</Natura>")
    invoice = an_invoice_of(a_fattura(a_body(document=document, summary=summary, total="106.00")))

    assert (invoice.text(FieldName.SUBTOTAL), invoice.text(FieldName.CHARGES)) == ("104.00", "6.00")
    assert errors_of(invoice) == []


def test_instalments_fall_due_with_the_first_and_are_due_together() -> None:
    parts = [
        f"<DataScadenzaPagamento>{day}</DataScadenzaPagamento><ImportoPagamento>61.00</ImportoPagamento>"
        for day in ("2027-01-20", "2026-12-20")
    ]
    found = texts_of(a_fattura(a_body(payment=a_payment(*parts))))

    assert (found["due_date"], found["amount_due"]) == ("2026-12-20", "122.00")


def test_two_ways_to_pay_the_same_are_one_amount() -> None:
    ways = ["<ImportoPagamento>122.00</ImportoPagamento>"] * 2

    assert texts_of(a_fattura(a_body(payment=a_payment(*ways, terms="TP02"))))["amount_due"] == "122.00"


def test_a_term_in_days_counts_from_the_day_it_names() -> None:
    term = """<DataRiferimentoTerminiPagamento>2026-11-30</DataRiferimentoTerminiPagamento>
      <GiorniTerminiPagamento>30</GiorniTerminiPagamento>"""

    assert texts_of(a_fattura(a_body(payment=a_payment(term))))["due_date"] == "2026-12-30"


def test_a_period_that_all_lines_share_is_the_invoices() -> None:
    may = "<DataInizioPeriodo>2026-05-01</DataInizioPeriodo><DataFinePeriodo>2026-05-31</DataFinePeriodo>"
    june = may.replace("-05-", "-06-").replace("31", "30")

    same = texts_of(a_fattura(a_body(lines=a_line(more=may) * 2)))
    different = texts_of(a_fattura(a_body(lines=a_line(more=may) + a_line(more=june))))

    assert (same["period_start"], same["period_end"]) == ("2026-05-01", "2026-05-31")
    assert "period_start" not in different


def test_a_file_with_several_bodies_holds_several_invoices_of_one_supplier() -> None:
    one, two = read_einvoices(a_fattura(a_body(number="1/A"), a_body(number="2/A", total="122.00")), Limits())

    assert [invoice.text(FieldName.INVOICE_NUMBER) for invoice in (one, two)] == ["1/A", "2/A"]
    assert one.text(FieldName.SUPPLIER_NAME) == two.text(FieldName.SUPPLIER_NAME)


A_SIMPLE_SELLER = """<CedentePrestatore><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>09999000012</IdCodice>
  </IdFiscaleIVA><Denominazione>Bar Cardo</Denominazione><Sede><Comune>Borgo Cardo</Comune><Nazione>IT</Nazione></Sede>
  </CedentePrestatore>"""
A_SIMPLE_BUYER = """<CessionarioCommittente><IdentificativiFiscali><CodiceFiscale>TRNMRA70A41Z999X</CodiceFiscale>
  </IdentificativiFiscali></CessionarioCommittente>"""


def a_simplified_fattura(*goods: str, kind: str = "TD07", general: str = "") -> bytes:
    body = f"""<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>{kind}</TipoDocumento>
      <Divisa>EUR</Divisa><Data>2026-11-20</Data><Numero>S-7</Numero></DatiGeneraliDocumento>{general}</DatiGenerali>
      {"".join(f"<DatiBeniServizi><Descrizione>Pranzo</Descrizione>{one}</DatiBeniServizi>" for one in goods)}
      </FatturaElettronicaBody>"""
    return a_fattura(body, seller=A_SIMPLE_SELLER, buyer=A_SIMPLE_BUYER, kind="FatturaElettronicaSemplificata")


def test_a_simplified_invoice_counts_with_tax() -> None:
    meal = "<Importo>22.00</Importo><DatiIVA><Imposta>2.00</Imposta><Aliquota>10.00</Aliquota></DatiIVA>"
    tip = "<Importo>3.00</Importo><DatiIVA><Aliquota>0.00</Aliquota></DatiIVA><Natura>N1</Natura>"
    invoice = an_invoice_of(a_simplified_fattura(meal, meal, tip))

    assert [invoice.text(name) for name in (FieldName.SUBTOTAL, FieldName.TAX, FieldName.TOTAL)] == [
        "43.00", "4.00", "47.00",
    ]  # fmt: skip
    assert TaxLine(rate=Decimal("10.00"), category="S", base=Decimal("40.00"), amount=Decimal("4.00")) in invoice.taxes
    assert [line.amount for line in invoice.line_items] == [Decimal("22.00"), Decimal("22.00"), Decimal("3.00")]
    assert invoice.text(FieldName.BUYER_TAX_ID) == "TRNMRA70A41Z999X"
    assert errors_of(invoice) == []


def test_a_simplified_invoice_that_names_only_the_rate_has_no_tax() -> None:
    found = texts_of(a_simplified_fattura("<Importo>25.00</Importo><DatiIVA><Aliquota>22.00</Aliquota></DatiIVA>"))

    assert found["total"] == "25.00"
    assert not {"tax", "subtotal"} & set(found)


def test_a_simplified_credit_note_names_the_invoice_it_corrects() -> None:
    content = a_simplified_fattura(
        "<Importo>25.00</Importo>",
        kind="TD08",
        general="<DatiFatturaRettificata><NumeroFR>S-3</NumeroFR></DatiFatturaRettificata>",
    )

    assert an_invoice_of(content).document_type is DocumentType.CREDIT_NOTE
    assert texts_of(content)["preceding_invoice"] == "S-3"
