"""Ten files of different makers' shapes, for the suggestion of mappings: each with the lines that a person corrects.

All values are invented. A correction takes a line of the suggestion by its beginning and puts another in its place.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass

import xlsxwriter


@dataclass(frozen=True)
class Unknown:
    """A file, its corrections (beginning of a line → line), and what must be loaded of it."""

    name: str
    data: bytes
    corrections: dict[str, str]
    dataset: str
    select: str
    expected: list[tuple]


def _workbook() -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"default_date_format": "yyyy-mm-dd"}) as book:
        notes = book.add_worksheet("Om statistiken")
        notes.write(0, 0, "Väntande till besök")
        notes.write(1, 0, "Källa: regionen")
        sheet = book.add_worksheet("Tabell 1")
        sheet.write(0, 0, "Tabell 1. Väntande per mottagning")
        sheet.write_row(3, 0, ["Datum", "Mottagning", "Vårdform", "Väntande", "Varav över 90 dagar"])
        for at, (unit, waiting, over) in enumerate([("Jakobstad", 120, 14), ("Karleby", 340, 51)], start=4):
            sheet.write_datetime(at, 0, dt.datetime(2025, 3, 31))
            sheet.write_row(at, 1, [unit, "Munhälsovård", waiting, over])
    return written.getvalue()


def _text(text: str, encoding: str = "utf-8") -> bytes:
    return text.lstrip("\n").encode(encoding)


UNKNOWN = (
    Unknown(
        "booking_export.csv",
        _text(
            """
Booking ref,Patient no,DOB,Site,Service line,Clinician type,Priority,Assessed,Seen at,Status
B-100,77,03/04/1961,North,Oral health,Dentist,Urgent,13/01/2025,14/01/2025 09:30,Realised
B-101,78,21/12/2004,North,Physiotherapy,Physiotherapist,Non-urgent,02/01/2025,20/01/2025 10:00,Realised
B-102,77,03/04/1961,South,Oral health,Dentist,Non-urgent,15/01/2025,,Cancelled
"""
        ),
        {},
        "visits",
        "SELECT visit_id, unit, service, urgency, state, age_band, assessed_on, visit_on FROM visits ORDER BY ALL",
        [
            (
                "B-100",
                "North",
                "oral_health",
                "urgent",
                "realised",
                "30-64",
                dt.date(2025, 1, 13),
                dt.date(2025, 1, 14),
            ),
            (
                "B-101",
                "North",
                "physiotherapy",
                "non_urgent",
                "realised",
                "18-22",
                dt.date(2025, 1, 2),
                dt.date(2025, 1, 20),
            ),
            ("B-102", "South", "oral_health", "non_urgent", "cancelled", "30-64", dt.date(2025, 1, 15), None),
        ],
    ),
    Unknown(
        "hoitoon_odottavat.csv",
        _text(
            """
Tilanne;Sairaala;Potilaita odottamassa;Yli 180 pv odottaneet
31.12.2024;Keskussairaala;1.204;88
31.1.2025;Keskussairaala;1.187;*
28.2.2025;Keskussairaala;1.150;79
""",
            "windows-1252",
        ),
        {"# service": 'service = "specialised_care"'},
        "queue_counts",
        "SELECT snapshot_on, unit, waiting, over_limit FROM queue_counts ORDER BY ALL",
        [
            (dt.date(2024, 12, 31), "Keskussairaala", 1204, 88),
            (dt.date(2025, 1, 31), "Keskussairaala", 1187, None),
            (dt.date(2025, 2, 28), "Keskussairaala", 1150, 79),
        ],
    ),
    Unknown(
        "vantande.xlsx",
        _workbook(),
        {},
        "queue_counts",
        "SELECT snapshot_on, unit, service, waiting, over_limit FROM queue_counts ORDER BY ALL",
        [
            (dt.date(2025, 3, 31), "Jakobstad", "oral_health", 120, 14),
            (dt.date(2025, 3, 31), "Karleby", "oral_health", 340, 51),
        ],
    ),
    Unknown(
        "indicator_3021.csv",
        _text(
            """
region\tyear\tgender\tvalue
Kainuu\t2023\ttotal\t61.5
Kainuu\t2024\ttotal\t63.25
Satakunta\t2024\ttotal\t58
Satakunta\t2024\tfemale\t57
"""
        ),
        {"# indicator": 'indicator = "seven_day_access"'},
        "figures",
        "SELECT area, period_start, period_end, value FROM figures ORDER BY ALL",
        [
            ("06", dt.date(2024, 1, 1), dt.date(2024, 12, 31), 58),
            ("20", dt.date(2023, 1, 1), dt.date(2023, 12, 31), 61.5),
            ("20", dt.date(2024, 1, 1), dt.date(2024, 12, 31), 63.25),
        ],
    ),
    Unknown(
        "waiting_monthly.csv",
        _text(
            """
Clinic|Jan-25|Feb-25|Mar-25
Eye clinic|210|198|..
Pain clinic|44|51|40
"""
        ),
        {"# service": 'service = "specialised_care"'},
        "queue_counts",
        "SELECT snapshot_on, unit, waiting FROM queue_counts ORDER BY ALL",
        [
            (dt.date(2025, 1, 31), "Eye clinic", 210),
            (dt.date(2025, 1, 31), "Pain clinic", 44),
            (dt.date(2025, 2, 28), "Eye clinic", 198),
            (dt.date(2025, 2, 28), "Pain clinic", 51),
            (dt.date(2025, 3, 31), "Pain clinic", 40),
        ],
    ),
    Unknown(
        "rtt_bands.csv",
        _text(
            """
Financial quarter,Provider,0-6 weeks,6-18 weeks,18-52 weeks,52+ weeks
2024/25 Q3,Coast Hospital,"1,100",640,210,9
2024/25 Q4,Coast Hospital,"1,020",700,190,7
"""
        ),
        {"# service": 'service = "specialised_care"'},
        "queue_counts",
        "SELECT snapshot_on, unit, waiting FROM queue_counts ORDER BY ALL",
        [(dt.date(2024, 12, 31), "Coast Hospital", 1959), (dt.date(2025, 3, 31), "Coast Hospital", 1917)],
    ),
    Unknown(
        "remisser.csv",
        _text(
            """
Remissnummer;Klient;Födelseår;Enhet;Tjänst;Ankom;Behandlad;Beslut
R1;K9;1990;PSYK-1;Vuxenpsykiatri;2025-02-03;2025-02-10;Godkänd
R2;K10;1971;PSYK-1;Vuxenpsykiatri;2025-02-04;;
R3;K11;2003;PSYK-2;Vuxenpsykiatri;2025-02-05;2025-03-01;Återsänd
"""
        ),
        {},
        "referrals",
        "SELECT referral_id, unit, service, decision, received_on, handled_on FROM referrals ORDER BY ALL",
        [
            ("R1", "PSYK-1", "adult_psychiatry", "accepted", dt.date(2025, 2, 3), dt.date(2025, 2, 10)),
            ("R2", "PSYK-1", "adult_psychiatry", None, dt.date(2025, 2, 4), None),
            ("R3", "PSYK-2", "adult_psychiatry", "returned", dt.date(2025, 2, 5), dt.date(2025, 3, 1)),
        ],
    ),
    Unknown(
        "jonotietue_20250401.csv",
        _text(
            """
Jononumero;Hlö;Ikä;Toimipaikka;Palvelun nimi;Kiireellisyysluokka;Hoidon tarve arvioitu;Jonoon lisätty
1;a;34;KANNUS;Fysioterapia;Kiireetön;3.1.2025 klo 9.15;4.1.2025
2;b;81;KANNUS;Fysioterapia;Kiireetön;10.1.2025;10.1.2025
3;c;19;LOHTAJA;Fysioterapia;Kiireellinen;2.2.2025;3.2.2025
"""
        ),
        {},
        "queue",
        "SELECT entry_id, unit, service, urgency, age_band, snapshot_on, assessed_on, queued_on FROM queue ORDER BY ALL",
        [
            (
                "1",
                "KANNUS",
                "physiotherapy",
                "non_urgent",
                "30-64",
                dt.date(2025, 4, 1),
                dt.date(2025, 1, 3),
                dt.date(2025, 1, 4),
            ),
            (
                "2",
                "KANNUS",
                "physiotherapy",
                "non_urgent",
                "75+",
                dt.date(2025, 4, 1),
                dt.date(2025, 1, 10),
                dt.date(2025, 1, 10),
            ),
            (
                "3",
                "LOHTAJA",
                "physiotherapy",
                "urgent",
                "18-22",
                dt.date(2025, 4, 1),
                dt.date(2025, 2, 2),
                dt.date(2025, 2, 3),
            ),
        ],
    ),
    Unknown(
        "quarterly_access.csv",
        _text(
            """
Quarterly access report;;;
Published by the county;;;
Neljännes;Hyvinvointialue;Ajoissa hoidetut;Kaikki hoidetut
2024 Q1;Kainuun hyvinvointialue;1 412;1 830
2024 Q2;Kainuun hyvinvointialue;1 390;1 702
"""
        ),
        {"# indicator": 'indicator = "seven_day_access"'},
        "figures",
        "SELECT area, period_start, period_end, numerator, denominator FROM figures ORDER BY ALL",
        [
            ("20", dt.date(2024, 1, 1), dt.date(2024, 3, 31), 1412, 1830),
            ("20", dt.date(2024, 4, 1), dt.date(2024, 6, 30), 1390, 1702),
        ],
    ),
    Unknown(
        "queue_by_age.csv",
        _text(
            """
year,week,department,age group,queue
2025,9,Cardiology,adults,120
2025,9,Cardiology,children,14
2025,10,Cardiology,adults,118
2025,10,Cardiology,children,11
"""
        ),
        {"# service": 'service = "specialised_care"'},
        "queue_counts",
        "SELECT snapshot_on, unit, waiting FROM queue_counts ORDER BY ALL",
        [(dt.date(2025, 3, 2), "Cardiology", 134), (dt.date(2025, 3, 9), "Cardiology", 129)],
    ),
)
