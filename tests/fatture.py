"""FatturaPA files as Italian companies send them, each with just what a test is about."""

import base64

_NAMESPACES = {
    "FatturaElettronica": "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2",
    "FatturaElettronicaSemplificata": "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.0",
}
_SEAT = """<Sede><Indirizzo>Via dei Tigli</Indirizzo><NumeroCivico>9</NumeroCivico><CAP>00199</CAP>
  <Comune>Borgo Cardo</Comune><Provincia>ZZ</Provincia><Nazione>IT</Nazione></Sede>"""
A_SELLER = f"""<CedentePrestatore>
    <DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>09999000012</IdCodice></IdFiscaleIVA>
      <CodiceFiscale>09999000012</CodiceFiscale>
      <Anagrafica><Denominazione>Tipografia Cardo S.r.l.</Denominazione></Anagrafica>
      <RegimeFiscale>RF01</RegimeFiscale></DatiAnagrafici>{_SEAT}
    <IscrizioneREA><Ufficio>ZZ</Ufficio><NumeroREA>990041</NumeroREA></IscrizioneREA>
    <Contatti><Telefono>0999 990 148</Telefono><Email>conti@cardo.example.com</Email></Contatti>
    <RiferimentoAmministrazione>CAP-7</RiferimentoAmministrazione></CedentePrestatore>"""
A_BUYER = f"""<CessionarioCommittente>
    <DatiAnagrafici><CodiceFiscale>TRNMRA70A41Z999X</CodiceFiscale>
      <Anagrafica><Nome>Mara</Nome><Cognome>Torrini</Cognome></Anagrafica></DatiAnagrafici>{_SEAT}
    </CessionarioCommittente>"""


def a_fattura(*bodies: str, seller: str = A_SELLER, buyer: str = A_BUYER, kind: str = "FatturaElettronica") -> bytes:
    """A FatturaPA with these bodies, or with one over 122.00 EUR."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<p:{kind} versione="FPR12" xmlns:p="{_NAMESPACES[kind]}">
  <FatturaElettronicaHeader>
    <DatiTrasmissione><CodiceDestinatario>0000000</CodiceDestinatario></DatiTrasmissione>{seller}{buyer}
  </FatturaElettronicaHeader>{"".join(bodies or (a_body(),))}
</p:{kind}>""".encode()


def a_body(
    *, number: str = "41/A", kind: str = "TD01", document: str = "", general: str = "", lines: str = "",
    summary: str = "", payment: str = "", total: str = "122.00",
) -> str:  # fmt: skip
    """One invoice; each argument is put into the part of that name, `lines` and `summary` in place of what is there."""
    whole = f"<ImportoTotaleDocumento>{total}</ImportoTotaleDocumento>" if total else ""
    return f"""<FatturaElettronicaBody>
    <DatiGenerali><DatiGeneraliDocumento><TipoDocumento>{kind}</TipoDocumento><Divisa>EUR</Divisa>
      <Data>2026-11-20</Data><Numero>{number}</Numero>{document}{whole}</DatiGeneraliDocumento>{general}</DatiGenerali>
    <DatiBeniServizi>{lines or a_line()}{summary or a_summary()}</DatiBeniServizi>{payment}
  </FatturaElettronicaBody>"""


def a_line(amount: str = "100.00", price: str = "50.00", quantity: str = "2.00", more: str = "") -> str:
    """A line; `more` goes behind the price."""
    counted = f"<Quantita>{quantity}</Quantita><UnitaMisura>pz</UnitaMisura>" if quantity else ""
    return f"""<DettaglioLinee><NumeroLinea>1</NumeroLinea>
      <CodiceArticolo><CodiceTipo>Interno</CodiceTipo><CodiceValore>BV-1</CodiceValore></CodiceArticolo>
      <Descrizione>Biglietti da visita</Descrizione>{counted}<PrezzoUnitario>{price}</PrezzoUnitario>{more}
      <PrezzoTotale>{amount}</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee>"""


def a_summary(base: str = "100.00", tax: str = "22.00", rate: str = "22.00", more: str = "") -> str:
    """One rate; `more` goes behind it."""
    return f"""<DatiRiepilogo><AliquotaIVA>{rate}</AliquotaIVA>{more}<ImponibileImporto>{base}</ImponibileImporto>
      <Imposta>{tax}</Imposta></DatiRiepilogo>"""


def a_payment(*details: str, terms: str = "TP01") -> str:
    """Terms of payment with details, each the inside of one."""
    inside = "".join(f"<DettaglioPagamento>{detail}</DettaglioPagamento>" for detail in details)
    return f"<DatiPagamento><CondizioniPagamento>{terms}</CondizioniPagamento>{inside}</DatiPagamento>"


def signed(xml: bytes, parts: int = 0) -> bytes:
    """`xml` in a signed envelope (without certificate and signature, which nobody looks at).

    With `parts`, as writers of streams do it: the ends are marked, and the content comes in pieces of that size.
    """
    if not parts:
        content = _element(0x04, xml)
    else:
        pieces = (_element(0x04, xml[begin : begin + parts]) for begin in range(0, len(xml), parts))
        content = _marked(0x24, b"".join(pieces))
    wrap = _marked if parts else _element
    inside = wrap(0x30, bytes.fromhex("06092a864886f70d010701") + wrap(0xA0, content))
    data = wrap(0x30, bytes.fromhex("020101 310d 300b 0609 608648016503040201") + inside + _element(0x31, b""))
    return wrap(0x30, bytes.fromhex("06092a864886f70d010702") + wrap(0xA0, data))


def in_base64(content: bytes) -> bytes:
    """As mail systems like it."""
    return base64.encodebytes(content).replace(b"\n", b"\r\n")


def _element(tag: int, content: bytes) -> bytes:
    length = len(content)
    digits = length.to_bytes((length.bit_length() + 7) // 8)
    size = bytes([length]) if length < 0x80 else bytes([0x80 | len(digits)]) + digits
    return bytes([tag]) + size + content


def _marked(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x80]) + content + b"\x00\x00"
