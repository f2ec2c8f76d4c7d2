"""One invoice a language, in the words of its country; every company in it is invented."""

from typing import NamedTuple

import pytest

from chalicelib.domain.invoice import DocumentType, FieldName
from chalicelib.extraction.extract import extract
from tests.pages import a_read_document


class Printed(NamedTuple):
    """A page and what it says."""

    text: str
    number: str
    issued: str
    due: str
    currency: str
    subtotal: str
    tax: str
    total: str


INVOICES = {
    "fr": Printed(
        """
        Papeterie Lumen SARL                                     FACTURE
        8 rue des Tanneurs
        44000 Nantes

        Facturé à :                            Facture n° :   F-2026-118
        Atelier Corail SAS                     Date de facturation :  12 mars 2026
        3 quai Neuf                            Date d'échéance :      11 avril 2026
        33000 Bordeaux                         Bon de commande : BC-991

        Désignation                  Qté     P.U. HT      Montant HT
        Papier A4, carton             10       12,50          125,00
        Enveloppes                     4        6,25           25,00

                                            Total HT        150,00 €
                                            TVA 20 %         30,00 €
                                            Total TTC       180,00 €

        Conditions de règlement : 30 jours. Merci de votre confiance.
        """,
        "F-2026-118", "2026-03-12", "2026-04-11", "EUR", "150.00", "30.00", "180.00",
    ),
    "es": Printed(
        """
        Suministros Almeja S.L.                                  FACTURA
        Calle del Pozo 7
        28012 Madrid

        Cliente:                               Nº de factura:  2026/0417
        Talleres Brezo S.A.                    Fecha de factura:      05/03/2026
        Avenida del Puerto 2                   Fecha de vencimiento:  04/04/2026
        46021 Valencia                         Su pedido:  P-5512

        Descripción                Cantidad      Precio         Importe
        Tóner negro                       2       60,00          120,00
        Papel reciclado                   5       16,00           80,00

                                       Base imponible           200,00 €
                                       IVA 21%                   42,00 €
                                       Total factura            242,00 €

        Forma de pago: transferencia. Gracias por su compra.
        """,
        "2026/0417", "2026-03-05", "2026-04-04", "EUR", "200.00", "42.00", "242.00",
    ),
    "it": Printed(
        """
        Cartiera Ginepro S.r.l.                                  FATTURA
        Via dei Mulini 14
        40121 Bologna

        Spett.le                               Fattura n.:      87/2026
        Officine Larice S.p.A.                 Data fattura:    18/02/2026
        Viale Europa 30                        Scadenza:        20/03/2026
        37126 Verona                           Vs. ordine n.:   OA-340

        Descrizione                     Q.tà     Prezzo         Importo
        Risme di carta                    20       4,00           80,00
        Raccoglitori                      10       2,00           20,00

                                      Totale imponibile         100,00 €
                                      IVA 22%                    22,00 €
                                      Totale documento          122,00 €

        Modalità di pagamento: bonifico bancario
        """,
        "87/2026", "2026-02-18", "2026-03-20", "EUR", "100.00", "22.00", "122.00",
    ),
    "nl": Printed(
        """
        Drukkerij Wilgenhof B.V.                                 FACTUUR
        Molenstraat 5
        3511 AB Utrecht

        Factuuradres:                          Factuurnummer:   20260093
        Bakkerij Zilvermeeuw V.O.F.            Factuurdatum:    14 maart 2026
        Havenkade 11                           Vervaldatum:     13 april 2026
        1013 CD Amsterdam                      Klantnummer:     10442

        Omschrijving                  Aantal      Prijs          Bedrag
        Visitekaartjes                   500       0,20          100,00
        Folders                          250       0,40          100,00

                                      Totaal excl. btw         € 200,00
                                      Btw 21%                   € 42,00
                                      Totaal incl. btw         € 242,00

        Wij verzoeken u het bedrag binnen 30 dagen te voldoen.
        """,
        "20260093", "2026-03-14", "2026-04-13", "EUR", "200.00", "42.00", "242.00",
    ),
    "pt": Printed(
        """
        Tipografia Medronho, Lda.                                FATURA
        Rua do Moinho 21
        4000-123 Porto

        Cliente:                               Fatura n.º:          FT 2026/88
        Padaria Alecrim, Unipessoal Lda        Data de emissão:     2026-03-09
        Avenida da Ponte 3                     Data de vencimento:  2026-04-08
        3000-456 Coimbra                       V/ encomenda:        E-204

        Descrição                        Qtd.      Preço           Valor
        Cartazes                           50       2,00          100,00
        Etiquetas                         100       0,50           50,00

                                       Total ilíquido           150,00 €
                                       Total IVA                 34,50 €
                                       Total a pagar            184,50 €

        Forma de pagamento: transferência bancária. Obrigado pela preferência.
        """,
        "FT 2026/88", "2026-03-09", "2026-04-08", "EUR", "150.00", "34.50", "184.50",
    ),
    "pl": Printed(
        """
        Drukarnia Jarzębina Sp. z o.o.              Faktura VAT nr FV/117/2026
        ul. Młyńska 6
        61-730 Poznań                          Data wystawienia:  12 marca 2026
                                               Termin płatności:  26 marca 2026
        Nabywca:
        Piekarnia Wrzos S.A.
        ul. Portowa 9
        80-001 Gdańsk

        Nazwa towaru lub usługi     Ilość   Cena netto    Wartość netto
        Plakaty                        10        60,00           600,00
        Ulotki                       1000         0,60           600,00

                                      Razem netto          1 200,00 PLN
                                      Kwota VAT 23%          276,00 PLN
                                      Razem brutto         1 476,00 PLN

        Sposób zapłaty: przelew. Dziękujemy za zakupy.
        """,
        "FV/117/2026", "2026-03-12", "2026-03-26", "PLN", "1200.00", "276.00", "1476.00",
    ),
    "cs": Printed(
        """
        Tiskárna Jeřabina s.r.o.                 Faktura - daňový doklad č. 26100145
        Mlýnská 12
        602 00 Brno                            Datum vystavení:    3. 3. 2026
                                               Datum splatnosti:  17. 3. 2026
        Odběratel:                             Datum uskutečnění plnění:  1. 3. 2026
        Pekařství Vřes a.s.                    Variabilní symbol:  26100145
        Přístavní 4
        170 00 Praha

        Popis                      Množství     Cena za MJ        Celkem
        Plakáty                          10         300,00      3 000,00
        Letáky                          500           4,00      2 000,00

                                       Celkem bez DPH       5 000,00 Kč
                                       DPH 21 %             1 050,00 Kč
                                       Celkem s DPH         6 050,00 Kč

        Způsob úhrady: převodem. Děkujeme.
        """,
        "26100145", "2026-03-03", "2026-03-17", "CZK", "5000.00", "1050.00", "6050.00",
    ),
    "sv": Printed(
        """
        Tryckeri Rönnbär AB                                      FAKTURA
        Kvarngatan 8
        411 05 Göteborg

        Fakturaadress:                         Fakturanummer:    30817
        Bageri Ljung AB                        Fakturadatum:     2026-03-04
        Hamnvägen 2                            Förfallodatum:    2026-04-03
        111 30 Stockholm                       OCR-nummer:       308179

        Benämning                       Antal      À-pris        Belopp
        Affischer                          10      100,00      1 000,00
        Flygblad                          500        2,00      1 000,00

                                       Summa exkl. moms     2 000,00 kr
                                       Moms 25%               500,00 kr
                                       Summa inkl. moms     2 500,00 kr

        Betalningsvillkor 30 dagar. Efter förfallodagen debiteras dröjsmålsränta.
        """,
        "30817", "2026-03-04", "2026-04-03", "SEK", "2000.00", "500.00", "2500.00",
    ),
    "da": Printed(
        """
        Trykkeri Rønnebær ApS                                    FAKTURA
        Møllegade 17
        8000 Aarhus C

        Faktureres til:                        Fakturanr.:       70455
        Bageri Lyng A/S                        Fakturadato:      9. marts 2026
        Havnevej 3                             Forfaldsdato:     8. april 2026
        2100 København Ø                       Deres ordrenr.:   R-118

        Beskrivelse                     Antal      Stk. pris      Beløb
        Plakater                           10         100,00   1.000,00
        Brochurer                         500           2,00   1.000,00

                                       I alt ekskl. moms    2.000,00 DKK
                                       Moms 25%               500,00 DKK
                                       I alt inkl. moms     2.500,00 DKK

        Betalingsbetingelser: netto 30 dage. Beløbet bedes indbetalt senest på forfaldsdatoen.
        """,
        "70455", "2026-03-09", "2026-04-08", "DKK", "2000.00", "500.00", "2500.00",
    ),
    "no": Printed(
        """
        Trykkeri Rognebær AS                                     FAKTURA
        Kvernveien 4
        5003 Bergen

        Fakturaadresse:                        Fakturanr.:       50021
        Bakeri Røsslyng AS                     Fakturadato:      09.03.2026
        Havnegata 6                            Forfallsdato:     23.03.2026
        0150 Oslo                              KID:              500210093

        Beskrivelse                     Antall         Pris       Beløp
        Plakater                            10       100,00    1 000,00
        Brosjyrer                          500         2,00    1 000,00

                                       Sum eks. mva.        2 000,00 kr
                                       Mva 25%                500,00 kr
                                       Sum inkl. mva.       2 500,00 kr

        Ved forsinket betaling påløper forsinkelsesrente.
        """,
        "50021", "2026-03-09", "2026-03-23", "NOK", "2000.00", "500.00", "2500.00",
    ),
    "fi": Printed(
        """
        Paino Pihlaja Oy                                         LASKU
        Myllykatu 3
        33100 Tampere

        Laskutusosoite:                        Laskun numero:    60318
        Leipomo Kanerva Oy                     Laskun päivämäärä:  4.3.2026
        Satamatie 9                            Eräpäivä:           3.4.2026
        00100 Helsinki                         Viitenumero:        60 3182

        Kuvaus                          Määrä     A-hinta     Yhteensä
        Julisteet                          10       10,00       100,00
        Esitteet                          500        0,20       100,00

                                      Veroton yhteensä        200,00 €
                                      Arvonlisävero 25,5 %     51,00 €
                                      Verollinen yhteensä     251,00 €

        Maksuehto 30 päivää netto. Viivästyskorko lain mukaan. Kiitos!
        """,
        "60318", "2026-03-04", "2026-04-03", "EUR", "200.00", "51.00", "251.00",
    ),
    "hu": Printed(
        """
        Berkenye Nyomda Kft.                                     SZÁMLA
        Malom utca 5.
        6720 Szeged

        Vevő:                                  Számla sorszáma:    BN-2026/0042
        Hanga Pékség Zrt.                      Számla kelte:       2026.03.04.
        Kikötő utca 2.                         Teljesítés dátuma:  2026.03.02.
        1011 Budapest                          Fizetési határidő:  2026.03.19.

        Megnevezés                 Mennyiség     Egységár     Nettó érték
        Plakát                            10        1 000          10 000
        Szórólap                         500           20          10 000

                                       Nettó összesen          20 000 Ft
                                       ÁFA 27%                  5 400 Ft
                                       Bruttó összesen         25 400 Ft

        Fizetési mód: átutalás. Köszönjük!
        """,
        "BN-2026/0042", "2026-03-04", "2026-03-19", "HUF", "20000", "5400", "25400",
    ),
    "ro": Printed(
        """
        Tipografia Scoruș S.R.L.                                 FACTURĂ
        Strada Morii 9
        400001 Cluj-Napoca

        Cumpărător:                            Nr. facturii:       TS 2026118
        Brutăria Iarba S.A.                    Data facturii:      05.03.2026
        Bulevardul Portului 4                  Data scadenței:     04.04.2026
        900001 Constanța

        Denumirea produselor sau serviciilor   Cantitate   Preț unitar   Valoare
        Afișe                                         10         20,00    200,00
        Pliante                                      500          0,60    300,00

                                       Total fără TVA         500,00 lei
                                       TVA 21%                105,00 lei
                                       Total cu TVA           605,00 lei

        Vă mulțumim! Plata prin virament bancar.
        """,
        "TS 2026118", "2026-03-05", "2026-04-04", "RON", "500.00", "105.00", "605.00",
    ),
    "tr": Printed(
        """
        Üvez Matbaa Ltd. Şti.                                    FATURA
        Değirmen Sokak No: 7
        35210 İzmir

        Sayın                                  Fatura No:          UVZ2026000000042
        Funda Fırın A.Ş.                       Fatura Tarihi:      05.03.2026
        Liman Caddesi No: 3                    Son Ödeme Tarihi:   04.04.2026
        34425 İstanbul

        Mal Hizmet                    Miktar     Birim Fiyat        Tutar
        Afiş                              10          100,00     1.000,00
        Broşür                           500            2,00     1.000,00

                              Mal Hizmet Toplam Tutarı        2.000,00 TL
                              Hesaplanan KDV (%20)              400,00 TL
                              Vergiler Dahil Toplam Tutar     2.400,00 TL

        Ödeme şekli: havale. Teşekkür ederiz.
        """,
        "UVZ2026000000042", "2026-03-05", "2026-04-04", "TRY", "2000.00", "400.00", "2400.00",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", INVOICES)
def test_an_invoice_is_read_in_its_language(language: str) -> None:
    printed = INVOICES[language]

    invoice = extract(a_read_document(printed.text))

    read = {name: invoice.text(name) for name in FieldName}
    assert invoice.document_type is DocumentType.INVOICE
    assert read[FieldName.INVOICE_NUMBER] == printed.number
    assert read[FieldName.ISSUE_DATE] == printed.issued
    assert read[FieldName.DUE_DATE] == printed.due
    assert read[FieldName.CURRENCY] == printed.currency
    assert read[FieldName.SUBTOTAL] == printed.subtotal
    assert read[FieldName.TAX] == printed.tax
    assert read[FieldName.TOTAL] == printed.total


@pytest.mark.parametrize("language", INVOICES)
def test_both_lines_of_an_invoice_are_read_in_its_language(language: str) -> None:
    assert len(extract(a_read_document(INVOICES[language].text)).line_items) == 2
