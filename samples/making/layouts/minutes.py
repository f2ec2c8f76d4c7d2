"""A document that is no invoice: the minutes of a meeting, with enough numbers to tempt a careless reader."""

from reportlab.lib.pdfencrypt import StandardEncryption

from samples.making.sheet import SERIF, Ink, Sheet

_HEAD = (
    "Present: Oda Lindqvarn (chair), Pim Abernook, Sefton Marr, Yara Quillfeather",
    "Apologies: Dorrit Vane",
    "Date and place: 4 September 2025, 19:30, Community Hall, room 2",
)
_ITEMS = (
    (
        "1. Minutes of the last meeting",
        (
            "The minutes of 3 July 2025 were read and agreed. Three matters were carried over from that evening, and "
            "all of them are on today's list."
        ),
    ),
    (
        "2. The hedge along Mill Lane",
        (
            "Pim reported that 240 of the 310 saplings planted in the spring have taken root. The school offered 18 "
            "volunteers for two mornings in October. Watering ended on 22 August, a fortnight earlier than last year."
        ),
    ),
    (
        "3. Summer fair",
        (
            "About 450 visitors came, some 60 more than in 2024. The cake stand and the raffle together did better "
            "than hoped. Sefton thanked the 27 helpers by name and asked that their tea be better next time."
        ),
    ),
    (
        "4. Library corner",
        (
            "Yara has catalogued 1,204 books; 96 were given to other collections because we had them twice. The shelf "
            "by the window stays damp. It was agreed to move it to the north wall before the winter."
        ),
    ),
    (
        "5. Any other business",
        (
            "The key to room 4 is missing again. Oda will ask round. The next meeting is on 6 November 2025 at 19:30; "
            "there being nothing further, the chair closed the meeting at 20:50."
        ),
    ),
)


def minutes(encryption: StandardEncryption | None = None) -> bytes:
    """The minutes as a PDF of one page, locked where `encryption` is given."""
    sheet = Sheet("Minutes", SERIF, encryption=encryption)
    sheet.text(105, 30, "Pellow Lane Residents' Circle", Ink(16, bold=True, align="centre"))
    sheet.text(105, 38, "Minutes of the autumn meeting", Ink(12, align="centre"))
    y = sheet.block(25, 52, _HEAD, Ink(10.5), 6) + 4
    for title, words in _ITEMS:
        sheet.text(25, y, title, Ink(11.5, bold=True))
        y = sheet.block(25, y + 7, sheet.wrapped(words, 160, Ink(11)), Ink(11), 5.6) + 5
    sheet.text(25, y + 12, "Oda Lindqvarn, chair", Ink(10.5))
    sheet.text(120, y + 12, "Sefton Marr, keeper of the minutes", Ink(10.5))
    return sheet.pdf()
