"""The invented bills, one a sample.

Companies, people and addresses do not exist; mail and web are under `example.com` and its siblings. Telephone numbers
are of the ranges kept for fiction where a country has one. Tax ids and IBANs have valid check digits (a test holds
them to it) on registers and banks that were never issued.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from samples.making import notation
from samples.making.bill import Bank, Bill, Party, line

_THORNQUILL = Party(
    name="Thornquill Stationers Ltd",
    address=("Unit 7, Larkrise Yard", "18 Pellow Lane", "Northmarch", "NM4 7XQ"),
    country="GB",
    tax_id="GB 999 0010 02",
    registration="99900417",
    email="accounts@thornquill.example.com",
    phone="020 7946 0318",
    website="www.thornquill.example.com",
)
_THORNQUILL_BANK = Bank("Zennor & Zale Bank", "GB61 ZZZZ 9999 0012 3456 78", "ZZZZGB2LXXX")
_AFFORD = Party(
    name="Afford & Wray Architects LLP",
    address=("Second Floor, Coracle House", "3 Quayfoot Street", "Westerhaven", "WH1 2ZZ"),
    country="GB",
)

BRITISH = Bill(
    number="TQ-20417",
    issued=date(2025, 3, 14),
    due=date(2025, 4, 13),
    currency="GBP",
    notation=notation.BRITISH,
    supplier=_THORNQUILL,
    buyer=_AFFORD,
    purchase_order="PO-88213",
    customer_number="AW-0093",
    terms="30 days net",
    bank=_THORNQUILL_BANK,
    lines=(
        line("Laid paper A4 120 gsm, ream of 500", "24", "18.40", "20", "LP-120"),
        line("Detail paper roll, 841 mm × 50 m", "6", "31.75", "20", "DR-841"),
        line("Archive box, acid-free, A3", "40", "7.20", "20", "AB-A3"),
        line("Drawing pens, set of 6 (0.1–0.8 mm)", "15", "22.90", "20", "DP-06"),
        line("Delivery, timed before noon", "1", "12.50", "20", "DEL-N"),
    ),
)

GERMAN = Bill(
    number="RE-2025-00418",
    issued=date(2025, 4, 7),
    due=date(2025, 5, 7),
    delivered=date(2025, 4, 3),
    currency="EUR",
    notation=notation.GERMAN,
    supplier=Party(
        name="Morvane Werkzeugbau GmbH",
        address=("Schleifsteinweg 14", "99998 Oberkaltenbrück"),
        country="DE",
        tax_id="DE998700123",
        registration="HRB 99012",
        email="rechnung@morvane.example.com",
        phone="030 23125 417",
        website="www.morvane.example.com",
    ),
    buyer=Party(
        name="Talgrund Maschinenfabrik AG",
        address=("Einkauf – Frau Ilka Brennecke", "Am Stellwerk 3", "99994 Niederfelde"),
        country="DE",
    ),
    purchase_order="4500071932",
    customer_number="10472",
    bank=Bank("Bankhaus Zeller & Zorn", "DE82 9999 0012 0012 3456 78", "ZZZZDEFFXXX"),
    lines=(
        line("Schnittwerkzeug SW-220, gehärtet", "4", "486.50", "19", "SW-220", "Stk."),
        line("Führungssäule Ø 25 mm, geschliffen", "16", "37.85", "19", "FS-25", "Stk."),
        line("Nacharbeit Matrize nach Zeichnung 7731-B", "7.5", "92.00", "19", "NA-10", "Std."),
        line("Verpackung und Fracht", "1", "48.00", "19", "VF", "psch."),
    ),
)

FRENCH = Bill(
    number="FA2025-0732",
    issued=date(2025, 5, 19),
    due=date(2025, 6, 18),
    currency="EUR",
    notation=notation.FRENCH,
    supplier=Party(
        name="Atelier Brévigny SARL",
        address=("12 rue des Tanneurs-Gris", "99120 Saint-Orvain"),
        country="FR",
        tax_id="FR20 999004005",
        registration="999 004 005 00016",
        email="compta@brevigny.example.com",
        phone="01 99 00 41 27",
        website="www.brevigny.example.com",
    ),
    buyer=Party(
        name="Hôtel du Vieux Moulinard",
        address=("Madame Solveig Artaud", "4 place de la Halle", "99340 Courvelles"),
        country="FR",
        tax_id="FR44 999004013",
    ),
    purchase_order="BC-2025-118",
    bank=Bank("Banque Zéphyrine", "FR76 9999 9000 1200 0048 1516 292", "ZZZZFRPPXXX"),
    terms="30 jours date de facture",
    lines=(
        line("Fauteuil club, cuir pleine fleur", "6", "412.00", "20"),
        line("Réfection d’assise, mousse haute densité", "14", "86.50", "20"),
        line("Tissu d’ameublement « Garance », le mètre", "22.5", "38.40", "20"),
        line("Livraison et mise en place", "1", "145.00", "20"),
    ),
)

SPANISH = Bill(
    number="F25/00296",
    issued=date(2025, 6, 12),
    due=date(2025, 7, 12),
    currency="EUR",
    notation=notation.SPANISH,
    supplier=Party(
        name="Talleres Quirosa Norte, S.L.",
        address=("Polígono Los Almezos, nave 21", "99480 Valdehormiga"),
        country="ES",
        tax_id="B99900128",
        email="administracion@quirosa.example.com",
        phone="900 990 214",
    ),
    buyer=Party(
        name="Transportes Ibarmendi, S.A.",
        address=("Avda. de la Estación, 57", "99470 Riofresno"),
        country="ES",
        tax_id="A99900474",
    ),
    customer_number="430-0187",
    terms="Transferencia a 30 días",
    bank=Bank("Caja Zarzal", "ES93 9999 0012 6100 0481 5162", "ZZZZESMMXXX"),
    lines=(
        line("Revisión de 60.000 km, furgón matrícula 0000 ZZZ", "3", "289.00", "21", "REV60"),
        line("Juego de pastillas de freno delanteras", "6", "74.35", "21", "PF-D"),
        line("Mano de obra mecánica (horas)", "11.5", "46.00", "21", "MO-M"),
        line("Aceite sintético 5W-30, litro", "24", "9.85", "21", "AC-530"),
    ),
)

ITALIAN = Bill(
    number="2025/184",
    issued=date(2025, 7, 18),
    due=date(2025, 8, 31),
    currency="EUR",
    notation=notation.ITALIAN,
    supplier=Party(
        name="Lumarossa Grafica S.r.l.",
        address=("Via dei Torcoliere, 9", "99013 Montefalcione Alto (ZZ)"),
        country="IT",
        tax_id="IT99990010128",
        registration="ZZ-999412",
        email="amministrazione@lumarossa.example.com",
        phone="0999 411 207",
        website="www.lumarossa.example.com",
    ),
    buyer=Party(
        name="Casa Editrice Belfiordo S.p.A.",
        address=("Corso Marescotto, 118", "99021 Porto Sant’Elvio (ZZ)"),
        country="IT",
        tax_id="IT99991210123",
    ),
    purchase_order="ODA 5571",
    terms="Bonifico bancario 30 gg d.f. f.m.",
    bank=Bank("Banca Zaffirone", "IT13 M999 9900 0120 0000 4815 162", "ZZZZITMMXXX"),
    lines=(
        line("Stampa opuscolo 24 pp., formato A5, quadricromia", "3500", "0.64", "22"),
        line("Progetto grafico copertina", "1", "380.00", "22"),
        line("Lastre offset", "8", "27.50", "22"),
        line("Rilegatura punto metallico", "3500", "0.085", "22"),
    ),
)

DUTCH = Bill(
    number="20250367",
    issued=date(2025, 7, 3),
    due=date(2025, 7, 17),
    period=(date(2025, 6, 1), date(2025, 6, 30)),
    currency="EUR",
    notation=notation.DUTCH,
    supplier=Party(
        name="Veldhorst Fietstechniek B.V.",
        address=("Klinkerkade 82", "9999 ZX Oosterwoude"),
        country="NL",
        tax_id="NL999900109B01",
        registration="99900412",
        email="facturen@veldhorst.example.com",
        phone="0999 41 22 07",
        website="www.veldhorst.example.com",
    ),
    buyer=Party(
        name="Gemeente Rietmeer",
        address=("Afdeling Facilitair", "Postbus 990", "9990 ZA Rietmeer"),
        country="NL",
    ),
    customer_number="D-2214",
    bank=Bank("Zuyderbank", "NL06 ZZZZ 0999 9001 29", "ZZZZNL2AXXX"),
    payment_reference="20250367 / D-2214",
    terms="Betaling binnen 14 dagen",
    lines=(
        line("Onderhoudsbeurt dienstfiets", "38", "42.50", "21"),
        line("Binnenband 28 inch incl. montage", "9", "16.95", "21"),
        line("Accu e-bike 500 Wh", "2", "389.00", "21"),
        line("Voorrijkosten", "4", "27.50", "21"),
    ),
)

AMERICAN = Bill(
    number="INV-30982",
    issued=date(2025, 8, 6),
    due=date(2025, 9, 5),
    currency="USD",
    notation=notation.AMERICAN,
    supplier=Party(
        name="Brindlewick Office Supply, Inc.",
        address=("4410 Juniper Flats Road, Suite 200", "Harlow Springs, TX 00000"),
        country="US",
        email="billing@brindlewick.example.com",
        phone="(512) 555-0142",
    ),
    buyer=Party(
        name="Cottonmere Dental Group",
        address=("Attn: Accounts Payable", "871 Old Mill Parkway", "Harlow Springs, TX 00000"),
        country="US",
    ),
    purchase_order="CDG-4471",
    terms="Net 30",
    paid=Decimal("500.00"),
    lines=(
        line("Ergonomic task chair, mesh back, black", "6", "219.99", "8.25", "CH-2041"),
        line("Height-adjustable desk frame, 60 in", "2", "448.50", "8.25", "DK-60F"),
        line("Copy paper, letter, 10-ream case", "12", "41.25", "8.25", "PP-LTR10"),
        line("Toner cartridge, black, high yield", "5", "88.70", "8.25", "TN-774X"),
        line("On-site assembly", "3.5", "65.00", "8.25", "SV-ASM"),
    ),
)

TWO_RATES = Bill(
    number="2025-1187",
    issued=date(2025, 9, 22),
    due=date(2025, 10, 6),
    delivered=date(2025, 9, 19),
    currency="EUR",
    notation=notation.GERMAN,
    supplier=Party(
        name="Kornblatt & Söhne Feinkosthandel e. K.",
        address=("Inh. Tillmann Kornblatt", "Marktgasse 5", "99981 Weidenrode"),
        country="DE",
        tax_id="DE998700246",
        email="buero@kornblatt.example.com",
        phone="0221 4710 318",
    ),
    buyer=Party(
        name="Gasthof Zur Alten Mühle",
        address=("Herrn Ansgar Wieprecht", "Mühlgraben 1", "99983 Tiefenbronn am See"),
        country="DE",
    ),
    customer_number="K-3309",
    bank=Bank("Sparverein Zinnwald", "DE77 9999 0034 0004 8151 62"),
    lines=(
        line("Bergkäse, 12 Monate gereift", "8.4", "23.90", "7", unit="kg"),
        line("Dinkelnudeln, handgemacht, 500 g", "36", "3.45", "7", unit="Pkg."),
        line("Waldhonig, Glas 500 g", "24", "6.80", "7", unit="Gl."),
        line("Silvaner trocken 2023, 0,75 l", "48", "7.25", "19", unit="Fl."),
        line("Traubensaft, Kasten 6 × 1,0 l", "10", "14.40", "19", unit="Ka."),
        line("Olivenöl nativ extra, Kanister 5 l", "3", "58.00", "7", unit="Kan."),
        line("Geschenkkarton für drei Flaschen", "30", "1.35", "19", unit="Stk."),
    ),
)

_CARROWMOYLE = Party(
    name="Carrowmoyle Print Works Ltd",
    address=("The Old Creamery", "Ballyquin Road", "Carrowmoyle", "Co. Dunfarran"),
    country="IE",
    tax_id="IE9990014P",
    registration="999041",
    email="accounts@carrowmoyle.example.com",
    phone="020 917 4182",
)

CREDIT_NOTE = Bill(
    document_type="credit_note",
    number="CN-0158",
    issued=date(2025, 10, 9),
    preceding="INV-7719",
    currency="EUR",
    notation=notation.IRISH,
    supplier=_CARROWMOYLE,
    buyer=Party(
        name="Skellane Festival Company CLG",
        address=("Harbour Office", "Pier Street", "Skellane"),
        country="IE",
        tax_id="IE9990029F",
    ),
    customer_number="SKF-12",
    bank=Bank("Zinnober Credit Union", "IE34 ZZZZ 9999 0012 3456 78", "ZZZZIE2DXXX"),
    lines=(
        line("Programme booklet, 48 pp – misprinted run returned", "600", "1.85", "23"),
        line("Poster A2, damaged in transit", "45", "2.40", "23"),
        line("Express carriage refunded", "1", "38.00", "23"),
    ),
)

SWISS = Bill(
    number="R-25-0814",
    issued=date(2025, 8, 15),
    due=date(2025, 9, 14),
    currency="CHF",
    notation=notation.SWISS,
    supplier=Party(
        name="Alpvista Gerätebau AG",
        address=("Sägereistrasse 22", "9990 Hinterschwandi"),
        country="CH",
        tax_id="CHE-999.004.129 MWST",
        email="buchhaltung@alpvista.example.com",
        phone="+41 99 412 07 30",
        website="www.alpvista.example.com",
    ),
    buyer=Party(
        name="Gebrüder Rüttimoser Holzwerk",
        address=("Herr Urs Rüttimoser", "Tobelacker 4", "9991 Vordermatt"),
        country="CH",
    ),
    purchase_order="B-5519",
    customer_number="20318",
    bank=Bank("Zirbelbank AG", "CH75 9999 9000 4815 1623 4", "ZZZZCHZZXXX"),
    terms="30 Tage netto",
    lines=(
        line("Hydraulikpresse HP-40, revidiert", "1", "8450.00", "8.1", unit="Stk."),
        line("Dichtungssatz HP-40, komplett", "4", "248.35", "8.1", unit="Satz"),
        line("Montage vor Ort, Fachmonteur", "12.5", "145.00", "8.1", unit="Std."),
        line("Fahrspesen", "168", "0.98", "8.1", unit="km"),
    ),
)

INDIAN = Bill(
    number="KCPL/25-26/0412",
    issued=date(2025, 7, 28),
    due=date(2025, 8, 27),
    currency="INR",
    notation=notation.INDIAN,
    supplier=Party(
        name="Kaveripura Components Private Limited",
        address=("Plot 114, Hulimara Industrial Area, Phase II", "Kaveripura 000099, Karnataka"),
        country="IN",
        tax_id="29ZZKCH4821Q1ZR",
        email="accounts@kaveripura.example.com",
        phone="+91 80 5550 0142",
    ),
    buyer=Party(
        name="Vindhyadri Sugar Machinery Works",
        address=("Survey No. 88/2, Station Road", "Maddepalli 000077, Karnataka"),
        country="IN",
        tax_id="29ZZVCS7315M1ZA",
    ),
    purchase_order="VSM/PO/1936",
    terms="30 days",
    tax_shares=2,
    lines=(
        line("CNC machined flange, SS 316, 4 inch", "240", "1485.00", "18", "73079190", "Nos"),
        line("Hydraulic cylinder assembly, 80 × 500", "12", "38750.00", "18", "84122100", "Nos"),
        line("Seal kit for HC-80", "86", "1250.50", "18", "40169330", "Set"),
        line("Test bench calibration at works", "2", "58650.11", "18", "998346", "Job"),
    ),
)

JAPANESE = Bill(
    number="HS-250731-04",
    issued=date(2025, 7, 31),
    due=date(2025, 8, 29),
    currency="JPY",
    notation=notation.YEN,
    supplier=Party(
        name="Hoshigawa Seiki Co., Ltd.",
        address=("5-99-3 Minamizawa, Hoshigawa-shi", "Kitayama 000-0099, Japan"),
        country="JP",
        tax_id="T6999001004812",
        email="invoice@hoshigawa.example.com",
        phone="+81 99-5550-0143",
    ),
    buyer=Party(
        name="Tanehara Optics K.K.",
        address=("Purchasing Section", "2-98-11 Otsumori, Tanehara-shi", "Higashino 000-0042, Japan"),
        country="JP",
    ),
    purchase_order="TO-61182",
    lines=(
        line("Precision spindle SX-12", "4", "21500", "10", "SX-12"),
        line("Coolant nozzle set, brass", "8", "2400", "10", "CN-08B"),
        line("Packing and handling", "1", "6800", "10", "PH"),
    ),
)

_FJELLGRUBER = Party(
    name="Fjellgruber Labortechnik GmbH",
    address=("Kolbenstraße 31", "99976 Neuerlach"),
    country="DE",
    tax_id="DE998700318",
    registration="HRB 99233",
    email="faktura@fjellgruber.example.com",
    phone="089 99998 214",
    website="www.fjellgruber.example.com",
    postcode="99976",
    city="Neuerlach",
)
_FJELLGRUBER_BANK = Bank("Bankhaus Zeller & Zorn", "DE63 9999 0056 0098 7654 32", "ZZZZDEFFXXX")

FACTUR_X = Bill(
    number="FL-250911",
    issued=date(2025, 9, 11),
    due=date(2025, 10, 11),
    delivered=date(2025, 9, 8),
    currency="EUR",
    notation=notation.GERMAN,
    supplier=_FJELLGRUBER,
    buyer=Party(
        name="Institut für Moorkunde Schwarzenried",
        address=("Torfstichweg 8", "99972 Schwarzenried"),
        country="DE",
        tax_id="DE998700455",
        postcode="99972",
        city="Schwarzenried",
    ),
    purchase_order="IMS-2025-0077",
    customer_number="D10418",
    payment_reference="FL-250911",
    terms="Zahlbar innerhalb von 30 Tagen ohne Abzug",
    bank=_FJELLGRUBER_BANK,
    discount=Decimal("75.00"),
    lines=(
        line("Bohrstock-Set Pürckhauer, 3-teilig", "2", "318.00", "19", "BS-3", "Stk."),
        line("Probenbeutel 1 l, Karton à 500", "5", "64.90", "19", "PB-500", "Kart."),
        line("pH-Messgerät, tragbar, mit Sonde", "1", "742.50", "19", "PH-T2", "Stk."),
        line("Handbuch Bodenansprache, 6. Auflage", "4", "39.25", "7", "HB-6", "Stk."),
    ),
)

FACTUR_X_MISMATCH = replace(
    FACTUR_X,
    number="FL-251028",
    issued=date(2025, 10, 28),
    due=date(2025, 11, 27),
    delivered=date(2025, 10, 24),
    purchase_order="IMS-2025-0093",
    payment_reference="FL-251028",
    discount=None,
    lines=(
        line("Trockenschrank TS-60, 60 l", "1", "1890.00", "19", "TS-60", "Stk."),
        line("Siebsatz DIN, 5 Siebe mit Deckel", "2", "276.40", "19", "SI-5", "Stk."),
        line("Inbetriebnahme und Einweisung", "3", "98.00", "19", "DL-1", "Std."),
    ),
)
"""What the XML of the mismatch sample says; its page charges another quantity."""

FACTUR_X_MISMATCH_PRINTED = replace(
    FACTUR_X_MISMATCH,
    lines=(
        FACTUR_X_MISMATCH.lines[0],
        line("Siebsatz DIN, 5 Siebe mit Deckel", "3", "276.40", "19", "SI-5", "Stk."),
        FACTUR_X_MISMATCH.lines[2],
    ),
)

FACTUR_X_MINIMUM = replace(
    FACTUR_X,
    number="FL-251117",
    issued=date(2025, 11, 17),
    due=date(2025, 12, 17),
    delivered=date(2025, 11, 13),
    purchase_order="IMS-2025-0101",
    payment_reference="FL-251117",
    discount=None,
    lines=(
        line("Lysimeter LY-30, Edelstahl", "1", "1248.00", "19", "LY-30", "Stk."),
        line("Saugkerze, Keramik, 50 mm", "12", "38.75", "19", "SK-50", "Stk."),
        line("Feldtagebuch, wasserfest", "6", "14.20", "7", "FT-6", "Stk."),
    ),
)
"""Its XML has the profile MINIMUM: what is missing there stands on the page."""

BELGIAN = Bill(
    number="2025-V-00629",
    issued=date(2025, 6, 27),
    due=date(2025, 7, 27),
    period=(date(2025, 6, 1), date(2025, 6, 30)),
    currency="EUR",
    notation=notation.ISO,
    supplier=Party(
        name="Scheldebron Logistics BV",
        address=("Havenlaan 990", "9999 Scheldebron"),
        country="BE",
        tax_id="BE0999004186",
        registration="0999004186",
        email="invoicing@scheldebron.example.com",
        phone="+32 9 999 04 18",
        postcode="9999",
        city="Scheldebron",
    ),
    buyer=Party(
        name="Polderhof Catering NV",
        address=("Dijkstraat 12", "9998 Polderhof"),
        country="BE",
        tax_id="BE0999005275",
        postcode="9998",
        city="Polderhof",
    ),
    purchase_order="PH-30114",
    buyer_reference="KITCHEN-2",
    payment_reference="+++999/0041/86238+++",
    terms="30 days from invoice date",
    bank=Bank("Zilverbank", "BE13 9990 1234 5039", "ZZZZBEBBXXX"),
    discount=Decimal("40.00"),
    charges=Decimal("25.00"),
    lines=(
        line("Refrigerated transport, pallet", "18", "64.50", "21", "RT-P", "pcs"),
        line("Cold storage, pallet and week", "36", "11.20", "21", "CS-W", "pcs"),
        line("Potable water, 18.9 l", "22", "6.75", "6", "PW-19", "pcs"),
    ),
)

XRECHNUNG_CREDIT = Bill(
    document_type="credit_note",
    number="GS-2025-031",
    issued=date(2025, 10, 21),
    preceding="AR-2025-377",
    currency="EUR",
    notation=notation.ISO,
    supplier=Party(
        name="Auenwerk Landschaftsbau GmbH",
        address=("Weidendamm 6", "99963 Erlengrund"),
        country="DE",
        tax_id="DE998700519",
        email="post@auenwerk.example.com",
        phone="069 90009 318",
        postcode="99963",
        city="Erlengrund",
    ),
    buyer=Party(
        name="Stadt Erlengrund, Grünflächenamt",
        address=("Rathausplatz 1", "99963 Erlengrund"),
        country="DE",
        postcode="99963",
        city="Erlengrund",
    ),
    buyer_reference="99999-12345-60",
    purchase_order="GFA-2025-118",
    terms="Der Betrag wird mit der nächsten Rechnung verrechnet.",
    bank=Bank("Sparverein Zinnwald", "DE29 9999 0078 0031 4159 26", "ZZZZDEFFXXX"),
    lines=(
        line("Hainbuche, Hochstamm 16–18, nicht geliefert", "6", "184.00", "7", "HB-16", "pcs"),
        line("Pflanzarbeit, zu viel berechnet", "4.5", "58.50", "19", "PA-1", "h"),
    ),
)

FATTURAPA = Bill(
    number="312/E",
    issued=date(2025, 11, 12),
    due=date(2025, 12, 31),
    delivered=date(2025, 11, 10),
    currency="EUR",
    notation=notation.ISO,
    supplier=Party(
        name="Vetreria Soffiomare S.r.l.",
        address=("Fondamenta dei Crogioli, 7", "99041 Isola Brezzana"),
        country="IT",
        tax_id="IT99991410129",
        registration="ZZ-999630",
        email="fatture@soffiomare.example.com",
        phone="0999 630 118",
        postcode="99041",
        city="Isola Brezzana",
    ),
    buyer=Party(
        name="Albergo Quercianera S.a.s.",
        address=("Viale delle Robinie, 55", "99027 Castelmirto"),
        country="IT",
        tax_id="IT99991610124",
        postcode="99027",
        city="Castelmirto",
    ),
    purchase_order="AQ-2025-88",
    payment_reference="312E",
    bank=Bank("Banca Zaffirone", "IT76 T999 9900 0120 0000 0271 828", "ZZZZITMMXXX"),
    lines=(
        line("Lampada a sospensione, vetro ambrato", "6", "184.50", "22", "LS-AMB", "pz"),
        line("Calici soffiati a mano, confezione da 6", "14", "62.35", "22", "CA-6", "conf"),
        line("Catalogo illustrato, edizione 2025", "20", "4.80", "4", "CT-25", "pz"),
    ),
)

AUSTRALIAN = Bill(
    number="WG-1846",
    issued=date(2025, 5, 5),
    due=date(2025, 5, 19),
    currency="AUD",
    notation=notation.AUSTRALIAN,
    supplier=Party(
        name="Wattlegum Plumbing Pty Ltd",
        address=("14 Currawong Crescent", "Dunmarra Creek NSW 0000"),
        country="AU",
        tax_id="53 999 001 004",
        email="office@wattlegum.example.com",
        phone="(02) 5550 0148",
    ),
    buyer=Party(
        name="Banksia Grove Strata Management",
        address=("Level 1, 62 Harbord Parade", "Saltwater Bay NSW 0000"),
        country="AU",
    ),
    purchase_order="WO 20871",
    lines=(
        line("Replace hot water unit, 315 litre", "1", "1685.00", "10"),
        line("Copper pipe 20 mm, per metre", "14", "23.60", "10"),
        line("Tempering valve", "3", "148.50", "10"),
        line("Labour, licensed plumber, hours", "6.5", "115.00", "10"),
        line("Disposal of old unit", "1", "60.00", "10"),
    ),
)

RECEIPT = Bill(
    document_type="receipt",
    number="004817",
    issued=date(2025, 7, 12),
    currency="GBP",
    notation=notation.IRISH,
    supplier=Party(
        name="Tansy & Rook Farm Shop",
        address=("Lower Pennick Farm", "Northmarch NM9 3ZZ"),
        country="GB",
        tax_id="GB 999 0013 38",
        phone="01632 960 417",
    ),
    prices_include_tax=True,
    lines=(
        line("Flat white", "2", "3.40", "20"),
        line("Toasted sandwich", "1", "7.95", "20"),
        line("Lemon drizzle slice", "1", "3.60", "20"),
        line("Oatcakes 200g", "2", "2.85", "0"),
        line("Raspberry jam 340g", "1", "4.25", "0"),
        line("Seed potatoes 2kg", "1", "5.50", "0"),
    ),
)

WRONG_TOTAL = replace(
    BRITISH,
    number="TQ-20533",
    issued=date(2025, 4, 25),
    due=date(2025, 5, 25),
    purchase_order="PO-88460",
    total_error=Decimal("90.00"),
    lines=(
        line("Plan chest, A1, six drawers", "1", "845.00", "20", "PC-A1"),
        line("Drawer labels, pack of 100", "4", "9.80", "20", "DL-100"),
        line("Cutting mat, A2, green", "12", "17.45", "20", "CM-A2"),
        line("Delivery to first floor", "1", "35.00", "20", "DEL-F"),
    ),
)
