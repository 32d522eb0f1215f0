"""Extracts read the slow and obvious way: from the text of the files to visits, queue entries and covered days.

Written from the contract alone: nothing here is shared with the loader. One row is one small frozen object.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from dateutil.relativedelta import relativedelta

REFERENCE = Path(__file__).resolve().parents[2] / "data" / "reference"
DAY = timedelta(days=1)

SERVICES = {
    "Avosairaanhoito": "primary_care",
    "Suun terveydenhuolto": "oral_health",
    "Mielenterveyspalvelut": "mental_health",
    "Päihdepalvelut": "substance_services",
    "Fysioterapia": "physiotherapy",
    "Lastenneuvola": "child_health_clinic",
    "Opioidikorvaushoito": "opioid_substitution",
    "Psykkari-toiminta kouluissa": "school_psych_nurse",
    "Aikuispsykiatria": "adult_psychiatry",
    "Erikoissairaanhoito": "specialised_care",
}
PROFESSIONS = {
    "Lääkäri": "doctor",
    "Sairaanhoitaja": "nurse",
    "Terveydenhoitaja": "nurse",
    "Hammaslääkäri": "dentist",
    "Suuhygienisti": "dental_hygienist",
    "Fysioterapeutti": "physiotherapist",
    "Psykologi": "psychologist",
    "Sosiaalityöntekijä": "social_worker",
}
IN_PERSON, REMOTE = ("R10", "R20", "R30", "R40", "R41"), ("R50", "R51", "R52", "R55", "R56")
NO_CONTACT = ("R60", "R71", "R72", "R80")
MODES = {code: code for code in (*IN_PERSON, *REMOTE, *NO_CONTACT, "R90")}
NATURES = {"SH": "curative", "TH": "preventive"}
FIRST_VISITS = {"K": "yes", "E": "no"}
PRODUCERS = {
    "Oma": "own",
    "Oma toiminta": "own",
    "Ostettu": "bought",
    "Ostopalvelu": "bought",
    "Palveluseteli": "voucher",
}

EXREPORT_CODES = {
    "service": SERVICES,
    "profession": PROFESSIONS,
    "mode_code": MODES,
    "urgency": {"Kiireetön": "non_urgent", "Kiireellinen": "urgent", "Päivystys": "emergency"},
    "nature": NATURES,
    "first_visit": FIRST_VISITS,
    "with_referral": {"K": "yes", "E": "no"},
    "producer": PRODUCERS,
    "state": {
        "Toteutunut": "realised",
        "Varattu": "booked",
        "Peruttu": "cancelled",
        "Saapumatta": "no_show",
    },
    "reason": {
        "Resurssi": "resource",
        "Potilaan oma toive": "own_wish",
        "Lääketieteellinen": "medical",
    },
}
AVOHILMO_CODES = {
    "service": {
        "T11": "primary_care",
        "T51": "physiotherapy",
        "T60": "oral_health",
        "T71": "mental_health",
    },
    "profession": {},
    "mode_code": MODES,
    "urgency": {"E": "non_urgent"},
    "nature": NATURES,
    "first_visit": FIRST_VISITS,
}

#: Our field → the headers that hold it, the first filled one counts.
EXREPORT_VISITS = {
    "id": ("Käyntitunnus",),
    "person": ("Potilas",),
    "born": ("Syntymävuosi",),
    "municipality": ("Kotikunta",),
    "unit": ("Yksikkökoodi",),
    "unit_name": ("Yksikkö",),
    "service": ("Palvelu",),
    "profession": ("Ammattiryhmä",),
    "mode_code": ("Yhteystapa",),
    "urgency": ("Kiireellisyys",),
    "nature": ("Käynnin luonne",),
    "first_visit": ("Ensikäynti",),
    "with_referral": ("Lähetteellä",),
    "producer": ("Tuottaja",),
    "contacted": ("Yhteydenotto",),
    "assessed": ("Hoidon tarpeen arviointi",),
    "booked": ("Ajanvaraus tehty",),
    "on": ("Käynti",),
    "state": ("Tila",),
}
EXREPORT_QUEUE = {
    "on": ("Poimintapäivä",),
    "id": ("Jonotunnus",),
    "person": ("Potilas",),
    "born": ("Syntymävuosi",),
    "municipality": ("Kotikunta",),
    "unit": ("Yksikkökoodi",),
    "unit_name": ("Yksikkö",),
    "service": ("Palvelu",),
    "profession": ("Ammattiryhmä",),
    "urgency": ("Kiireellisyys",),
    "assessed": ("Hoidon tarpeen arviointi",),
    "queued": ("Jonoon asetettu",),
    "booked_for": ("Varattu aika",),
    "reason": ("Jonotuksen syy",),
    "producer": ("Tuottaja",),
}
AVOHILMO_VISITS = {
    "id": ("AVOHILMO_ID",),
    "person": ("TNRO",),
    "municipality": ("ASIAKAS_KOTIKUNTA",),
    "unit": ("PALVELUNTUOTTAJA_YKSIKKO", "PALVELUNTUOTTAJA"),
    "service": ("KAYNTI_PALVELUMUOTO", "AJANVARAUS_PALVELUMUOTO"),
    "profession": ("KAYNTI_AMMATTI", "AJANVARAUS_AMMATTI", "HTA_AMMATTI"),
    "mode_code": ("KAYNTI_YHTEYSTAPA", "AJANVARAUS_YHTEYSTAPA"),
    "urgency": ("KAYNTI_KIIREELLISYYS", "HTA_KIIREELLISYYS"),
    "nature": ("KAYNTI_LUONNE", "HTA_LUONNE"),
    "first_visit": ("KAYNTI_ENSIKAYNTI", "HTA_ENSIKAYNTI"),
    "contacted": ("YHTEYDENOTTO_AJANKOHTA",),
    "assessed": ("HOIDONTARVE_AJANKOHTA",),
    "booked": ("AJANVARAUS_AJANKOHTA",),
    "booked_for": ("AJANVARAUS_VARATTU",),
    "on": ("KAYNTI_ALKOI",),
}
#: Source → quantity, layout, codes, id space of local ids.
SOURCES = {
    "exreport_kaynnit": ("visits", EXREPORT_VISITS, EXREPORT_CODES, "exreport"),
    "exreport_jono": ("queue", EXREPORT_QUEUE, EXREPORT_CODES, "exreport"),
    "avohilmo": ("visits", AVOHILMO_VISITS, AVOHILMO_CODES, "avohilmo"),
}
BANDS = ((6, "0-6"), (12, "7-12"), (17, "13-17"), (22, "18-22"), (29, "23-29"), (64, "30-64"), (74, "65-74"))
PERSONAL_CODE = re.compile(
    r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(\d\d)([-+YXWVUA-F])\d{3}[0-9A-FHJ-NPR-Y]", re.IGNORECASE
)
CENTURY = {"+": 1800, **dict.fromkeys("-YXWVU", 1900), **dict.fromkeys("ABCDEF", 2000)}


@dataclass(frozen=True)
class Delivery:
    """One extract as it was loaded; the place in the list of deliveries is the order of loading.

    `window` is stated; `whole_origin` says that the file speaks of every unit of its origin.
    """

    source: str
    text: str
    extract_date: date
    window: tuple[date, date] | None = None
    origin: str = "18"
    whole_origin: bool = False


@dataclass(frozen=True)
class Row:
    """One visit or queue entry that counts, in our codes; `on` is the day of the visit or of the snapshot."""

    source: str
    origin: str
    key: tuple[str, ...]
    person: tuple[str, ...] | None
    on: date | None
    assessed: date | None
    queued: date | None
    unit: str
    service: str
    profession: str
    mode_code: str
    mode: str
    first_visit: str
    urgency: str
    nature: str
    state: str
    reason: str
    municipality: str
    age_group: str
    age_band: str
    age_uncertain: bool
    contacted: date | None = None
    booked: date | None = None
    with_referral: str = "unknown"
    producer: str = "unknown"
    area: str = ""
    unit_kind: str = ""


@dataclass(frozen=True)
class DataCoverage:
    """What all deliveries together say: rows that count, and per unit the days of which something is known.

    `covered` has stretches of days, first and last; `snapshots` the dates of a unit's queue.
    """

    visits: tuple[Row, ...]
    queue: tuple[Row, ...]
    covered: dict[str, tuple[tuple[date, date], ...]]
    snapshots: dict[str, tuple[date, ...]]


@cache
def day(text: str) -> date | None:
    """A day of `d.m.yyyy`, `yyyy-mm-dd` or `yyyymmdd`, with or without a time; None for anything else."""
    match = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{1,4})(?: \d{1,2}:\d\d(?::\d\d)?)?", text)
    parts = match.groups()[::-1] if match else None
    if parts is None:
        match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:[ T]\d\d:\d\d(?::\d\d)?)?", text) or re.fullmatch(
            r"(\d{4})(\d\d)(\d\d)", text
        )
        parts = match.groups() if match else None
    if parts is None:
        return None
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None


def read_rows(source: str, text: str) -> list[dict[str, str]]:
    """The fields of every line that our layout uses, trimmed; what is missing is an empty text."""
    layout = SOURCES[source][1]
    found = []
    for line in csv.DictReader(io.StringIO(text, newline=""), delimiter=";"):
        cells = {header: (value or "").strip() for header, value in line.items() if header}
        cells = {
            header: "" if value.upper() in ("-", "..", "NULL") else value for header, value in cells.items()
        }
        row = {}
        for name, headers in layout.items():
            row[name] = next((cells[header] for header in headers if cells.get(header)), "")
        if source == "avohilmo":
            row["state"] = (
                "cancelled" if cells.get("PERUUTUS_AJANKOHTA") else "realised" if row["on"] else "booked"
            )
        found.append(row)
    return found


def sound_rows(delivery: Delivery) -> list[dict[str, str]]:
    """The rows of a file that may be loaded, identical repeats once; the others go to quarantine."""
    quantity = SOURCES[delivery.source][0]
    contents: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    rows = read_rows(delivery.source, delivery.text)
    for row in rows:
        contents[_key(quantity, row)].add(tuple(row.values()))
    sound, seen = [], set()
    for row in rows:
        key = _key(quantity, row)
        if len(contents[key]) > 1 or key in seen or _is_bad(quantity, row, delivery.extract_date):
            continue
        seen.add(key)
        sound.append(row)
    return sound


def _set_aside(delivery: Delivery) -> set[tuple[str, ...]]:
    """The keys of a file of which no row may be loaded."""
    quantity = SOURCES[delivery.source][0]
    sound = {_key(quantity, row) for row in sound_rows(delivery)}
    return {_key(quantity, row) for row in read_rows(delivery.source, delivery.text)} - sound


def _key(quantity: str, row: dict[str, str]) -> tuple[str, ...]:
    return (row["id"],) if quantity == "visits" else (str(day(row["on"])), row["id"])


def _is_bad(quantity: str, row: dict[str, str], extract_date: date) -> bool:
    required = ["id", "unit", "service"]
    realised = row.get("state") in ("Toteutunut", "realised")
    if quantity == "visits":
        required.append("state")
    if quantity == "queue" or realised:
        required.append("on")
    if any(not row[name] for name in required):
        return True
    happened = ["contacted", "assessed", "booked", "queued"]
    planned = ["booked_for"]
    (happened if "on" in required else planned).append("on")
    if "on" in required and day(row["on"]) is None:
        return True
    for name in happened + planned:
        found = day(row.get(name, ""))
        latest = extract_date if name in happened else extract_date + relativedelta(years=2)
        if found is not None and not date(1990, 1, 1) <= found <= latest:
            return True
    return quantity == "queue" and day(row["assessed"]) is None and day(row["queued"]) is None


def _municipalities() -> frozenset[str]:
    with (REFERENCE / "municipalities_2026.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["municipality_code"] for row in csv.DictReader(file))


MUNICIPALITIES = _municipalities()


def _our_code(codes: dict[str, str], text: str) -> str:
    if text in codes:
        return codes[text]
    if not text:
        return "unknown"
    for theirs, ours in codes.items():
        if text.casefold() == theirs.casefold():
            return ours
    return text if text in codes.values() else f"?{text}"


def age_on(person: str, born: str, start: date | None) -> tuple[str, str, bool]:
    """Age group and band on the start event's day, and whether the missing birthday leaves the group open."""
    if start is None:
        return "unknown", "unknown", False
    code, uncertain = PERSONAL_CODE.fullmatch(person), False
    if code:
        in_month, month, year, sign = code.groups()
        birthday = _real_day(CENTURY[sign.upper()] + int(year), int(month), int(in_month))
    else:
        birthday = None
    if birthday is not None:
        age = start.year - birthday.year - ((start.month, start.day) < (birthday.month, birthday.day))
    elif re.fullmatch(r"\d{4}", born):
        age = start.year - int(born)
        uncertain = age == 23
        age = 22 if uncertain else age
    else:
        return "unknown", "unknown", False
    if not 0 <= age <= 120:
        return "unknown", "unknown", False
    band = next((name for last, name in BANDS if age <= last), "75+")
    return ("0-22" if age < 23 else "23+"), band, uncertain


def is_over_75(person: str, born: str, start: date) -> bool:
    """Whether the 75th birthday was before a day; by the birth year alone, whether it was in an earlier year."""
    code = PERSONAL_CODE.fullmatch(person)
    if code:
        in_month, month, year, sign = code.groups()
        birthday = _real_day(CENTURY[sign.upper()] + int(year), int(month), int(in_month))
        if birthday is not None:
            turned = (birthday.month, birthday.day) if (birthday.month, birthday.day) != (2, 29) else (3, 1)
            age = start.year - birthday.year
            return age <= 120 and (age > 75 or (age == 75 and (start.month, start.day) > turned))
    return bool(re.fullmatch(r"\d{4}", born)) and 76 <= start.year - int(born) <= 120


def _real_day(year: int, month: int, in_month: int) -> date | None:
    try:
        return date(year, month, in_month)
    except ValueError:
        return None


def _row(delivery: Delivery, cells: dict[str, str]) -> Row:
    quantity, _, codes, id_space = SOURCES[delivery.source]
    on, assessed, queued = (day(cells.get(name, "")) for name in ("on", "assessed", "queued"))
    group, band, uncertain = age_on(cells["person"], cells.get("born", ""), assessed or on)
    person: tuple[str, ...] | None = None
    if PERSONAL_CODE.fullmatch(cells["person"]):
        person = ("personal code", cells["person"].upper())
    elif cells["person"]:
        person = (id_space, delivery.origin, cells["person"])
    mode_code = _our_code(codes["mode_code"], cells.get("mode_code", ""))
    municipality = cells["municipality"]
    if municipality:
        padded = municipality.zfill(3)
        municipality = padded if padded in MUNICIPALITIES else f"?{municipality}"
    return Row(
        source=delivery.source,
        origin=delivery.origin,
        key=_key(quantity, cells),
        person=person,
        on=on,
        assessed=assessed,
        queued=queued,
        unit=cells["unit"],
        service=_our_code(codes["service"], cells["service"]),
        profession=_our_code(codes["profession"], cells["profession"]),
        mode_code=mode_code,
        mode="in_person" if mode_code in IN_PERSON else "remote" if mode_code in REMOTE else "other",
        first_visit=_our_code(codes["first_visit"], cells.get("first_visit", "")),
        urgency=_our_code(codes["urgency"], cells["urgency"]),
        nature=_our_code(codes["nature"], cells.get("nature", "")),
        state=cells.get("state", "")
        if delivery.source == "avohilmo"
        else _our_code(codes.get("state", {}), cells.get("state", "")),
        reason=_our_code(codes.get("reason", {}), cells.get("reason", "")),
        municipality=municipality or "unknown",
        age_group=group,
        age_band=band,
        age_uncertain=uncertain,
        contacted=day(cells.get("contacted", "")),
        booked=day(cells.get("booked", "")),
        with_referral=_our_code(codes.get("with_referral", {}), cells.get("with_referral", "")),
        producer=_our_code(codes.get("producer", {}), cells.get("producer", "")),
    )


def is_visit(row: Row) -> bool:
    """Whether a row of a visit extract is a visit: realised, and a contact with the client."""
    return row.state == "realised" and row.mode_code not in NO_CONTACT


def wait_of(row: Row) -> int | None:
    """Whole calendar days from the assessment to the visit; None without one or where the visit came first."""
    if row.assessed is None or row.on is None or row.on < row.assessed:
        return None
    return (row.on - row.assessed).days


def what_is_known(deliveries: Sequence[Delivery], kinds: Mapping[str, str] | None = None) -> DataCoverage:
    """Put the deliveries together: newer ones replace rows of their keys and clear the windows they state.

    `kinds` says what kind of unit a code stands for, as master data does.
    """
    files = [(delivery, [_row(delivery, cells) for cells in sound_rows(delivery)]) for delivery in deliveries]
    order = {index: (delivery.extract_date, index) for index, (delivery, _) in enumerate(files)}
    surviving: dict[str, list[Row]] = {"visits": [], "queue": []}
    first_seen: dict[str, str] = {}
    for index, (delivery, rows) in enumerate(files):
        quantity = SOURCES[delivery.source][0]
        newer = [
            (other, others)
            for position, (other, others) in enumerate(files)
            if order[position] > order[index]
            and (other.source, other.origin) == (delivery.source, delivery.origin)
        ]
        keys = {row.key for _, others in newer for row in others}
        windows = [(_window(other, others), _set_aside(other)) for other, others in newer]
        for row in rows:
            # A row set aside supersedes nothing: the earlier row of its key stays.
            if row.key in keys or any(
                row.key not in aside and _speaks_of(window, row) for window, aside in windows
            ):
                continue
            surviving[quantity].append(row)
            first_seen.setdefault(row.unit, delivery.origin)
    covered, snapshots = _coverage(files, set(first_seen))
    return DataCoverage(
        visits=tuple(
            _in_master(row, first_seen, kinds or {}) for row in surviving["visits"] if is_visit(row)
        ),
        queue=tuple(_in_master(row, first_seen, kinds or {}) for row in surviving["queue"]),
        covered=covered,
        snapshots=snapshots,
    )


Window = tuple[frozenset[tuple[str, date]], frozenset[date], frozenset[str] | None, tuple[date, date] | None]


def _window(delivery: Delivery, rows: Iterable[Row]) -> Window:
    """What a file states in full: dates × units of a queue, or units (None: all) within days."""
    rows = list(rows)
    if SOURCES[delivery.source][0] == "queue":
        pairs = frozenset((row.unit, row.on) for row in rows if row.on)
        return pairs, frozenset(on for _, on in pairs) if delivery.whole_origin else frozenset(), None, None
    units = None if delivery.whole_origin else frozenset(row.unit for row in rows)
    return frozenset(), frozenset(), units, delivery.window


def _speaks_of(window: Window, row: Row) -> bool:
    pairs, whole_days, units, days = window
    if row.on is None:
        return False
    if (row.unit, row.on) in pairs or row.on in whole_days:
        return True
    return days is not None and days[0] <= row.on <= days[1] and (units is None or row.unit in units)


def _coverage(
    files: Sequence[tuple[Delivery, list[Row]]], known_units: set[str]
) -> tuple[dict[str, tuple[tuple[date, date], ...]], dict[str, tuple[date, ...]]]:
    covered: dict[str, set[tuple[date, date]]] = defaultdict(set)
    snapshots: dict[str, set[date]] = defaultdict(set)
    of_origin: dict[tuple[str, str], set[str]] = defaultdict(set)
    for delivery, rows in files:
        of_origin[delivery.source, delivery.origin] |= {row.unit for row in rows} & known_units
    for delivery, rows in files:
        units = {row.unit for row in rows}
        if delivery.whole_origin:
            units = of_origin[delivery.source, delivery.origin]
        if SOURCES[delivery.source][0] == "queue":
            for row in rows:
                for unit in units if delivery.whole_origin else {row.unit}:
                    snapshots[unit].add(row.on)
        elif delivery.window is not None:
            for unit in units:
                covered[unit].add(delivery.window)
        else:
            last = delivery.extract_date - DAY
            for unit in units:
                days = [row.on for row in rows if row.unit == unit and is_visit(row)]
                if days and min(days) <= last:
                    covered[unit].add((min(days), last))
    return (
        {unit: tuple(sorted(stretches)) for unit, stretches in covered.items()},
        {unit: tuple(sorted(days)) for unit, days in snapshots.items()},
    )


def _in_master(row: Row, areas: Mapping[str, str], kinds: Mapping[str, str]) -> Row:
    return replace(row, area=areas[row.unit], unit_kind=kinds.get(row.unit, ""))
