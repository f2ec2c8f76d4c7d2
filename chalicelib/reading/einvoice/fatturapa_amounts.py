"""The money in a FatturaPA body: sums, taxes by rate, and lines."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from xml.etree.ElementTree import Element

from chalicelib.domain.invoice import FieldName, LineItem, TaxLine
from chalicelib.reading.einvoice.tree import every, first, text, texts
from chalicelib.reading.einvoice.values import Fields, parsed_number

_CENT = Decimal("0.01")
_NOTHING = Decimal(0)
_DOCUMENT = "DatiGenerali/DatiGeneraliDocumento"
_SUMMARY = "DatiBeniServizi/DatiRiepilogo"
_SURCHARGE = "MG"
# Why there is no VAT (Natura) as UNCL 5305 says it: not subject, export, within the EU, exempt, reverse charge.
_CATEGORIES: Mapping[str, str] = {
    "N1": "O",
    "N2": "O",
    "N3": "G",
    "N3.2": "K",
    "N3.5": "E",
    "N3.6": "E",
    "N4": "E",
    "N5": "E",
    "N6": "AE",
    "N7": "O",
}
_SPLIT_PAYMENT = "B"  # the buyer, a public body, pays the VAT to the tax office


def add_amounts(fields: Fields, body: Element) -> None:
    """Note the sums of an ordinary invoice.

    Net and tax are those of the summary by rate. Stamp duty (bollo) counts as a charge if it is part of the total; the
    pension funds' contributions and accessory costs, which are part of the net, are charges anyway.
    """
    document = first(body, _DOCUMENT)
    net, tax = numbers(body, f"{_SUMMARY}/ImponibileImporto"), numbers(body, f"{_SUMMARY}/Imposta")
    charges = numbers(body, f"{_DOCUMENT}/DatiCassaPrevidenziale/ImportoContributoCassa")
    charges += numbers(body, f"{_SUMMARY}/SpeseAccessorie")
    discounts, surcharges = _adjustments(document)
    is_open = any(_number(change, "Importo") is None for change in every(document, "ScontoMaggiorazione"))
    rounding = [amount for amount in numbers(document, "Arrotondamento") if amount]
    parts = [*net, *tax, *surcharges, *(-amount for amount in discounts), *rounding]
    stamp = numbers(document, "DatiBollo/ImportoBollo")
    total = parsed_number(text(document, "ImportoTotaleDocumento"))
    if total is not None and stamp and abs(total - sum(parts) - sum(stamp)) < _CENT:
        surcharges += stamp
    fields.add_sum(FieldName.SUBTOTAL, net)
    fields.add_sum(FieldName.TAX, tax)
    fields.add_sum(FieldName.DISCOUNT, discounts)
    fields.add_sum(FieldName.CHARGES, [*charges, *surcharges])
    fields.add_sum(FieldName.ROUNDING, rounding)
    if total is not None:
        fields.add_sum(FieldName.TOTAL, [total])
    elif net and tax and not stamp and not is_open:  # whether the stamp duty was passed on, only the total could tell
        fields.add_sum(FieldName.TOTAL, parts)


def tax_lines(body: Element) -> tuple[TaxLine, ...]:
    """The summary by rate, as it is."""
    return tuple(
        TaxLine(
            rate=_number(summary, "AliquotaIVA"),
            category=_category(summary, _number(summary, "AliquotaIVA")),
            base=_number(summary, "ImponibileImporto"),
            amount=_number(summary, "Imposta"),
        )
        for summary in every(body, _SUMMARY)
    )


def line_items(body: Element) -> tuple[LineItem, ...]:
    """All lines, with net prices."""
    return tuple(_line_item(line) for line in every(body, "DatiBeniServizi/DettaglioLinee"))


def add_simplified_amounts(fields: Fields, body: Element) -> None:
    """Note the sums of a simplified invoice: amounts include the tax, and net is what remains without it.

    Where only the rate is given, the tax was never said and stays absent.
    """
    goods = list(every(body, "DatiBeniServizi"))
    gross = numbers(body, "DatiBeniServizi/Importo")
    tax = [amount for one in goods if (amount := _simplified_tax(one)) is not None]
    fields.add_sum(FieldName.TOTAL, gross)
    if goods and len(tax) == len(gross) == len(goods):
        fields.add_sum(FieldName.TAX, tax)
        fields.add_sum(FieldName.SUBTOTAL, [*gross, *(-amount for amount in tax)])


def simplified_tax_lines(body: Element) -> tuple[TaxLine, ...]:
    """The taxes by rate and reason, as far as they are said."""
    goods = sorted(every(body, "DatiBeniServizi"), key=_rate_and_reason)
    return tuple(_added_up(list(alike)) for _, alike in groupby(goods, key=_rate_and_reason))


def simplified_line_items(body: Element) -> tuple[LineItem, ...]:
    """All goods, with amounts that include the tax."""
    return tuple(
        LineItem(
            description=text(one, "Descrizione"),
            amount=_number(one, "Importo"),
            tax_rate=_number(one, "DatiIVA/Aliquota"),
            tax_amount=_number(one, "DatiIVA/Imposta"),
        )
        for one in every(body, "DatiBeniServizi")
    )


def numbers(element: Element | None, path: str) -> list[Decimal]:
    """All numbers that `path` leads to."""
    return [number for raw in texts(element, path) if (number := parsed_number(raw)) is not None]


def _line_item(line: Element) -> LineItem:
    quantity, amount = _number(line, "Quantita"), _number(line, "PrezzoTotale")
    return LineItem(
        description=text(line, "Descrizione"),
        product_code=text(line, "CodiceArticolo/CodiceValore"),
        quantity=quantity,
        unit=text(line, "UnitaMisura"),
        unit_price=_net_price(line, quantity, amount),
        amount=amount,
        tax_rate=_number(line, "AliquotaIVA"),
    )


def _net_price(line: Element, quantity: Decimal | None, amount: Decimal | None) -> Decimal | None:
    """The price less what is taken off each unit (an amount, or else a percentage), if that gives the line's amount.

    Some writers take an amount off the whole line instead: their price stays as it stands.
    """
    price = _number(line, "PrezzoUnitario")
    if price is None or amount is None:
        return price
    net = price
    for change in every(line, "ScontoMaggiorazione"):
        taken = abs(_number(change, "Importo") or net * (_number(change, "Percentuale") or _NOTHING) / 100)
        net += taken if text(change, "Tipo") == _SURCHARGE else -taken
    fits = abs(net * (1 if quantity is None else quantity) - amount) <= _CENT
    return _short(net) if fits else price


def _adjustments(document: Element | None) -> tuple[list[Decimal], list[Decimal]]:
    """What is taken off the whole document, and what is added; percentages alone do not say of what."""
    taken: list[Decimal] = []
    added: list[Decimal] = []
    for change in every(document, "ScontoMaggiorazione"):
        if amount := _number(change, "Importo"):
            (added if text(change, "Tipo") == _SURCHARGE else taken).append(abs(amount))
    return taken, added


def _category(taxed: Element, rate: Decimal | None) -> str | None:
    nature = text(taxed, "Natura")
    if nature:
        return _CATEGORIES.get(nature) or _CATEGORIES.get(nature.partition(".")[0])
    if text(taxed, "EsigibilitaIVA") == "S":
        return _SPLIT_PAYMENT
    return "S" if rate else None


def _rate_and_reason(goods: Element) -> tuple[str, str]:
    return text(goods, "DatiIVA/Aliquota") or "", text(goods, "Natura") or ""


def _added_up(goods: list[Element]) -> TaxLine:
    gross = _numbers_of(goods, "Importo")
    taxes = [amount for one in goods if (amount := _simplified_tax(one)) is not None]
    tax = sum(taxes, _NOTHING) if len(taxes) == len(goods) else None
    return TaxLine(
        rate=_number(goods[0], "DatiIVA/Aliquota"),
        category=_category(goods[0], _number(goods[0], "DatiIVA/Aliquota")),
        base=None if tax is None else sum(gross, _NOTHING) - tax,
        amount=tax,
    )


def _simplified_tax(goods: Element) -> Decimal | None:
    """The tax that is said; none is due where there is a reason for it."""
    said = _number(goods, "DatiIVA/Imposta")
    return _NOTHING if said is None and text(goods, "Natura") else said


def _numbers_of(elements: list[Element], path: str) -> Iterator[Decimal]:
    for element in elements:
        yield from numbers(element, path)


def _number(element: Element | None, path: str) -> Decimal | None:
    found = parsed_number(text(element, path))
    return None if found is None else _short(found)


def _short(number: Decimal) -> Decimal:
    """A number without the zeros that fill it up to eight decimals, but for two.

    >>> _short(Decimal("12.50000000")), _short(Decimal("0.12345000")), _short(Decimal("22"))
    (Decimal('12.50'), Decimal('0.12345'), Decimal('22'))
    """
    whole, point, fraction = f"{number:f}".partition(".")
    return Decimal(whole + point + fraction[:2] + fraction[2:].rstrip("0"))
