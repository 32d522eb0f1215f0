"""The quality of the published data, from its rows: fresh, whole, known codes, sound dates, sudden changes, overlaps.

Pure functions of a published version and a day, used by `pipelines.quality.check` and the page of data quality. Counts
are of rows of every source, whether they count or not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.definition import load_definitions
from indicators.catalogue.places import reference_rows
from indicators.catalogue.prepared_rows import WORD
from pipelines.warehouse import Snapshot

#: The usual distance of extracts where loads do not show one: a week.
WEEKLY_DAYS = 7
#: How many newest distances between extracts, or snapshots, the rhythm is the median of.
RHYTHM_OF = 8
#: Rule of sudden changes: a week or snapshot is compared with the median of so many before it (at least `LEAST_EARLIER`
#: of them), where that median is at least `LEAST_MEDIAN` rows; below half or above twice of it is sudden.
EARLIER, LEAST_EARLIER, LEAST_MEDIAN = 8, 4, 20
LOW, HIGH = 0.5, 2.0
#: So many newest weeks or snapshots of each unit are looked at.
LOOKED_AT = 4

#: The day of a row of a dataset, and which rows are of something that has happened.
DAY = {name: dataset.day for name, dataset in DATASETS.items() if dataset.row_level}
HAPPENED = {"visits": "state = 'realised' AND client_contact"}
ROW_LEVEL = tuple(name for name, dataset in DATASETS.items() if dataset.row_level)

#: Of an extract the newest row is at most so much older than the extract itself, where it is as new as it says.
NEWEST_ROW_DAYS = 7


def _of_something_that_happened(snapshot: Snapshot, dataset: str, columns: str) -> str:
    """The query of columns of the rows of something that happened: it reads what it names, which is planned sooner."""
    where = HAPPENED.get(dataset, "true")
    return f"SELECT {columns} FROM {_rows(snapshot, dataset, columns, where)} WHERE {where}"


def _rows(snapshot: Snapshot, dataset: str, *pieces: str) -> str:
    """The SQL after FROM of a dataset's rows, with the columns that pieces of a query name."""
    return snapshot.rows_of(dataset, named=set(WORD.findall(" ".join(pieces))))


def _newest_rows(snapshot: Snapshot) -> str:
    """The query of the newest row of each source and area."""
    columns = "source::VARCHAR AS source, origin::VARCHAR AS origin, demo, {} AS day"
    each = (_of_something_that_happened(snapshot, name, columns.format(day)) for name, day in DAY.items())
    return f"SELECT source, origin, demo, max(day) AS day FROM ({' UNION ALL '.join(each)}) GROUP BY ALL"


@dataclass(frozen=True)
class Fresh:
    """How fresh a source of an area is: its newest extract, and the usual distance of its extracts.

    `newest` is the earlier of the newest extract date (`extracted`) and a week after the newest realised visit,
    snapshot or arrival (`newest_row`): an old file may have been loaded today. `rhythm_days` is the median distance of
    the newest extracts, a week where there are fewer than three. It is `late` after twice that and a day; demo data
    never is.
    """

    source: str
    origin: str
    demo: bool
    extracted: date
    newest_row: date | None
    newest: date
    age_days: int
    rhythm_days: int

    @property
    def due(self) -> date:
        """The last day on which the source is not yet late."""
        return self.newest + timedelta(days=patience(self.rhythm_days))

    @property
    def late(self) -> bool:
        """Whether a newer extract should have come."""
        return not self.demo and self.age_days > patience(self.rhythm_days)


def patience(rhythm_days: int) -> int:
    """Return after how many days without news something is wrong.

    >>> patience(7), patience(1)
    (15, 3)
    """
    return 2 * rhythm_days + 1


def freshness(snapshot: Snapshot, today: date) -> tuple[Fresh, ...]:
    """One row per source and area it comes from, of row-level loads that count."""
    rows = snapshot.rows(
        f"""WITH days AS (
                -- one row per source, area and extract date
                SELECT DISTINCT source, origin, demo, extract_date FROM loads
                WHERE status = 'loaded' AND dataset IN (SELECT unnest(?))
            ), apart AS (
                SELECT *, extract_date - lag(extract_date) OVER earlier AS days,
                       row_number() OVER (PARTITION BY source, origin, demo ORDER BY extract_date DESC) AS place
                FROM days WINDOW earlier AS (PARTITION BY source, origin, demo ORDER BY extract_date)
            )
            SELECT source, origin, demo, max(extract_date), n.day,
                   CASE WHEN count(*) > 2 THEN median(days) FILTER (place <= {RHYTHM_OF}) END
            FROM apart LEFT JOIN ({_newest_rows(snapshot)}) n USING (source, origin, demo) GROUP BY ALL ORDER BY ALL""",
        [list(ROW_LEVEL)],
    )
    found = []
    for source, origin, demo, extracted, row, rhythm in rows:
        newest = min(extracted, (row or extracted) + timedelta(days=NEWEST_ROW_DAYS))
        age = (today - newest).days
        found.append(Fresh(source, origin, demo, extracted, row, newest, age, round(rhythm or WEEKLY_DAYS)))
    return tuple(found)


@dataclass(frozen=True)
class UnitFresh:
    """The last day on which a unit has a row, and the last day its source covers."""

    dataset: str
    source: str
    unit: str
    last_row: date
    known_to: date | None
    rows: int

    @property
    def silent_days(self) -> int:
        """Days at the end of what is known without a row."""
        return max((self.known_to - self.last_row).days, 0) if self.known_to else 0

    @property
    def silent(self) -> bool:
        """Whether the unit has been without rows for longer than two weeks."""
        return self.silent_days > patience(WEEKLY_DAYS)


def units(snapshot: Snapshot) -> tuple[UnitFresh, ...]:
    """One row per dataset, source and unit; the longest silent first. Rows are those of something that happened."""
    found = []
    for name in ROW_LEVEL:
        found += snapshot.rows(
            f"""WITH known AS (
                    SELECT source, max(last_on) AS known_to FROM covered WHERE dataset = '{name}' GROUP BY source
                )
                SELECT '{name}', r.source::VARCHAR, r.unit::VARCHAR, r.last_row, k.known_to, r.rows
                FROM (SELECT source, unit, max(day) AS last_row, count(*) AS rows
                      FROM ({_of_something_that_happened(snapshot, name, f"source, unit, {DAY[name]} AS day")})
                      WHERE unit IS NOT NULL GROUP BY ALL) r
                LEFT JOIN known k ON k.source = r.source::VARCHAR"""
        )
    rows_found = [UnitFresh(*row) for row in found if row[3] is not None]
    return tuple(
        sorted(rows_found, key=lambda unit: (-unit.silent_days, unit.dataset, unit.source, unit.unit))
    )


@dataclass(frozen=True)
class Unmapped:
    """A code of a source that has no meaning in ours, and how many of the rows with a code of that list have it.

    It is one code in however many datasets the source brings it.
    """

    source: str
    domain: str
    code: str
    rows: int
    of: int


#: What our code begins with where the source's own has no meaning.
UNKNOWN_CODE = "?"


def counted_codes(table: str, column: str) -> str:
    """Return the query of a table's codes: one row per source and code, with its rows.

    Codes are grouped as stored, and made text by the caller: a few texts instead of one per row.
    """
    return f"""SELECT source, "{column}" AS code, count(*) AS rows FROM {table}
               WHERE "{column}" IS NOT NULL GROUP BY ALL"""


def unmapped(snapshot: Snapshot) -> tuple[Unmapped, ...]:
    """Codes without a meaning, those that touch most rows first."""
    counted: Counter[tuple[str, str, str]] = Counter()
    whole: Counter[tuple[str, str]] = Counter()
    for dataset in DATASETS.values():
        for domain in dataset.domains or {}:
            codes = counted_codes(_rows(snapshot, dataset.name, "source", domain), domain)
            for source, code, rows in snapshot.rows(
                f"SELECT source::VARCHAR, code::VARCHAR, rows FROM ({codes})"
            ):
                whole[source, domain] += rows
                if code.startswith(UNKNOWN_CODE):
                    counted[source, domain, code.removeprefix(UNKNOWN_CODE)] += rows
    found = [Unmapped(*key, rows, whole[key[:2]]) for key, rows in counted.items()]
    return tuple(sorted(found, key=lambda one: (-one.rows, one.source, one.domain, one.code)))


@dataclass(frozen=True)
class DateFault:
    """Rows of a unit with missing or contradicting dates, of those that could have it; `code` is a key of
    `DATE_FAULTS`.
    """

    dataset: str
    code: str
    source: str
    unit: str
    rows: int
    of: int


#: The fault that the coverage of assessment dates measures too.
NO_ASSESSMENT = "no_assessment"
#: Fault → (dataset, the rows it is looked for in, the rows that have it). All are SQL conditions.
DATE_FAULTS: dict[str, tuple[str, str, str]] = {
    NO_ASSESSMENT: (
        "visits",
        f"{HAPPENED['visits']} AND urgency = 'non_urgent' AND nature = 'curative'",
        "assessed_on IS NULL",
    ),
    "visit_before_assessment": (
        "visits",
        f"{HAPPENED['visits']} AND assessed_on IS NOT NULL AND visit_on IS NOT NULL",
        "visit_on < assessed_on",
    ),
    "assessment_before_contact": (
        "visits",
        f"{HAPPENED['visits']} AND assessed_on IS NOT NULL AND contacted_on IS NOT NULL",
        "assessed_on < contacted_on",
    ),
    "queue_no_assessment": ("queue", "true", "assessed_on IS NULL"),
    "queue_assessed_later": ("queue", "assessed_on IS NOT NULL", "assessed_on > snapshot_on"),
    "queue_appointment_passed": ("queue", "booked_for IS NOT NULL", "booked_for < snapshot_on"),
    "referral_handled_before": ("referrals", "handled_on IS NOT NULL", "handled_on < received_on"),
    "referral_contact_before": (
        "referrals",
        "first_contact_on IS NOT NULL",
        "first_contact_on < received_on",
    ),
    "referral_care_before_need": (
        "referrals",
        "care_started_on IS NOT NULL AND need_found_on IS NOT NULL",
        "care_started_on < need_found_on",
    ),
    "case_decided_before": ("cases", "decided_on IS NOT NULL", "decided_on < arrived_on"),
    "case_started_before": ("cases", "started_on IS NOT NULL", "started_on < arrived_on"),
    "case_ready_before_start": (
        "cases",
        "ready_on IS NOT NULL AND started_on IS NOT NULL",
        "ready_on < started_on",
    ),
}


def date_faults(snapshot: Snapshot) -> tuple[DateFault, ...]:
    """One row per fault, source and unit that has rows it is looked for in, in the order of `DATE_FAULTS`."""
    found: list[DateFault] = []
    for code, (dataset, where, fault) in DATE_FAULTS.items():
        found += [
            DateFault(dataset, code, *row)
            for row in snapshot.rows(
                f"""SELECT source::VARCHAR, unit::VARCHAR, count(*) FILTER ({fault}), count(*)
                    FROM {_rows(snapshot, dataset, "source unit", where, fault)}
                    WHERE unit IS NOT NULL AND {where} GROUP BY ALL ORDER BY ALL"""
            )
        ]
    return tuple(found)


@dataclass(frozen=True)
class Aside:
    """Rows that a source's loads set aside for one reason; `of` are all rows the loads of the source read."""

    source: str
    code: str
    rows: int
    loads: int
    newest: str
    of: int


def set_aside(snapshot: Snapshot) -> tuple[Aside, ...]:
    """Rows set aside by reason, most first, of the loads in use. A row with two faults is there under both."""
    rows = snapshot.rows(
        """WITH used AS (SELECT load_id, source, rows_read FROM loads WHERE status = 'loaded'),
                whole AS (SELECT source, sum(rows_read)::BIGINT AS rows FROM used GROUP BY source)
           SELECT u.source, f.code, sum(f.count)::BIGINT, count(DISTINCT u.load_id), max(u.load_id), max(w.rows)
           FROM findings f JOIN used u USING (load_id) JOIN whole w ON w.source = u.source
           WHERE f.level = 'row' GROUP BY u.source, f.code ORDER BY 3 DESC, 1, 2"""
    )
    return tuple(Aside(*row) for row in rows)


@dataclass(frozen=True)
class Sudden:
    """A week (`first_on` its Monday) or snapshot of a unit with far fewer or more rows than those before it."""

    dataset: str
    source: str
    unit: str
    first_on: date
    rows: int
    median: float
    newest: bool


def sudden_changes(snapshot: Snapshot) -> tuple[Sudden, ...]:
    """Return sudden changes of volume by the rule above, newest first.

    Only weeks that the unit covers in full are compared, of queues the snapshots; rows are those of what happened. The
    rule does not know public holidays.
    """
    found: list[Sudden] = []
    for name in ROW_LEVEL:
        if name == "queue":
            periods = "SELECT source, unit, first_on AS starts, first_on AS ends FROM covered WHERE dataset = 'queue'"
        else:
            periods = f"""
                SELECT source, unit, unnest(generate_series(
                    date_trunc('week', first_on + INTERVAL 6 DAY)::TIMESTAMP, (last_on - 6)::TIMESTAMP, INTERVAL 7 DAY
                ))::DATE AS starts, starts + 6 AS ends
                FROM covered WHERE dataset = '{name}' AND last_on - first_on >= 6"""
        happened = f"source, unit, {DAY[name]} AS day, count(*) AS rows"
        rows = snapshot.rows(
            f"""WITH periods AS ({periods}), counted AS (
                    -- one row per source, unit and period known in full
                    SELECT p.source, p.unit, p.starts, coalesce(sum(r.rows), 0)::BIGINT AS rows
                    FROM (SELECT DISTINCT source, unit, starts, ends FROM periods) p
                    LEFT JOIN ({_of_something_that_happened(snapshot, name, happened)} GROUP BY ALL) r
                      ON r.source::VARCHAR = p.source AND r.unit::VARCHAR = p.unit
                     AND r.day BETWEEN p.starts AND p.ends
                    GROUP BY ALL
                ), judged AS (
                    SELECT *, median(rows) OVER earlier AS usual, count(*) OVER earlier AS earlier,
                           row_number() OVER (PARTITION BY source, unit ORDER BY starts DESC) AS place
                    FROM counted
                    WINDOW earlier AS (PARTITION BY source, unit ORDER BY starts
                                       ROWS BETWEEN {EARLIER} PRECEDING AND 1 PRECEDING)
                )
                SELECT '{name}', source, unit, starts, rows, usual, place = 1 FROM judged
                WHERE place <= {LOOKED_AT} AND earlier >= {LEAST_EARLIER} AND usual >= {LEAST_MEDIAN}
                  AND (rows < {LOW} * usual OR rows > {HIGH} * usual)"""
        )
        found += [Sudden(*row) for row in rows]
    return tuple(
        sorted(found, key=lambda one: (-one.first_on.toordinal(), one.dataset, one.source, one.unit))
    )


@dataclass(frozen=True)
class Uncovered:
    """Days without data of a unit although its source covers them: between its days, up to the newest or from the first.

    `goes_on` says that nothing newer is known of the unit, `leads` that nothing older is.
    """

    dataset: str
    source: str
    unit: str
    first_on: date
    last_on: date
    goes_on: bool
    leads: bool = False

    @property
    def days(self) -> int:
        """How many days, both ends included."""
        return (self.last_on - self.first_on).days + 1


def uncovered(snapshot: Snapshot) -> tuple[Uncovered, ...]:
    """Return stretches that are not covered, the longest first.

    Of queues a gap is a distance of snapshots of more than twice the usual one and a day. A unit has no gap after the last
    day that the master data gives it, nor before the first.
    """
    rows = snapshot.rows(
        """WITH ends AS (
               SELECT c.dataset, c.source, c.unit, c.first_on, c.last_on,
                      lead(c.first_on) OVER mine AS next_on,
                      max(c.last_on) OVER (PARTITION BY c.dataset, c.source) AS source_last,
                      c.last_on = max(c.last_on) OVER (PARTITION BY c.dataset, c.source, c.unit) AS newest,
                      min(c.first_on) OVER (PARTITION BY c.dataset, c.source) AS source_first,
                      c.first_on = min(c.first_on) OVER (PARTITION BY c.dataset, c.source, c.unit) AS oldest,
                      u.valid_from, u.valid_to
               FROM covered c LEFT JOIN units u USING (unit)
               WINDOW mine AS (PARTITION BY c.dataset, c.source, c.unit ORDER BY c.first_on, c.last_on)
           ), rhythm AS (
               SELECT source, median(next_on - last_on) AS days FROM ends
               WHERE dataset = 'queue' AND next_on > last_on GROUP BY source
           ), gaps AS (
               SELECT dataset, source, unit, last_on + 1 AS first_on, next_on - 1 AS last_on,
                      false AS goes_on, false AS leads
               FROM ends WHERE next_on > last_on + 1
               UNION ALL
               SELECT dataset, source, unit, last_on + 1, source_last, true, false
               FROM ends WHERE newest AND source_last > last_on AND (valid_to IS NULL OR valid_to > last_on)
               UNION ALL
               SELECT dataset, source, unit, greatest(source_first, coalesce(valid_from, source_first)), first_on - 1,
                      false, true
               FROM ends WHERE oldest AND first_on > greatest(source_first, coalesce(valid_from, source_first))
           )
           SELECT DISTINCT g.* FROM gaps g LEFT JOIN rhythm r USING (source)
           WHERE g.dataset <> 'queue' OR g.last_on - g.first_on + 1 > 2 * coalesce(r.days, 7)"""
    )
    rows_found = [Uncovered(*row) for row in rows]
    return tuple(
        sorted(rows_found, key=lambda gap: (-gap.days, gap.dataset, gap.source, gap.unit, gap.first_on))
    )


@dataclass(frozen=True)
class Overlap:
    """Rows of a source that do not count, because another source counts for the same area, service and months."""

    dataset: str
    source: str
    area: str | None
    service: str | None
    first_month: date | None
    last_month: date | None
    rows: int
    counts: tuple[str, ...]


def overlaps(snapshot: Snapshot) -> tuple[Overlap, ...]:
    """What does not count, most rows first; `counts` are the sources that count in its place."""
    found: list[Overlap] = []
    for name in ROW_LEVEL:
        kind = "kind" if "kind" in (DATASETS[name].domains or {}) else "NULL"
        rows = snapshot.rows(
            f"""WITH holdings AS (
                    -- one row per source, area, service, kind and month
                    SELECT source::VARCHAR AS source, area::VARCHAR AS area, service::VARCHAR AS service,
                           kind::VARCHAR AS kind, month, counted, rows
                    FROM (SELECT source, area, service, {kind} AS kind,
                                 date_trunc('month', {DAY[name]})::DATE AS month, counted, count(*) AS rows
                          FROM {name} WHERE {HAPPENED.get(name, "true")} GROUP BY ALL)
                )
                SELECT '{name}', n.source, n.area, n.service, min(n.month), max(n.month), sum(n.rows)::BIGINT,
                       list(DISTINCT c.source ORDER BY c.source) FILTER (c.source IS NOT NULL)
                FROM holdings n
                LEFT JOIN (SELECT DISTINCT source, area, service, kind, month FROM holdings WHERE counted) c
                  ON c.area IS NOT DISTINCT FROM n.area AND c.service IS NOT DISTINCT FROM n.service
                 AND c.kind IS NOT DISTINCT FROM n.kind AND c.month IS NOT DISTINCT FROM n.month
                WHERE NOT n.counted GROUP BY n.source, n.area, n.service"""
        )
        found += [Overlap(*(*values, tuple(sources or ()))) for *values, sources in rows]
    return tuple(sorted(found, key=lambda one: (-one.rows, one.dataset, one.source, one.service or "")))


@dataclass(frozen=True)
class Review:
    """A limit of the law or a definition of an indicator, and the day by which it is to be looked at again."""

    kind: str
    name: str
    due: date


LIMIT, DEFINITION = "limit", "definition"


def reviews(today: date) -> tuple[Review, ...]:
    """Limits that are in force and definitions whose review is overdue, the oldest first."""
    found: set[Review] = set()
    for row in reference_rows("statutory_limits.csv"):
        if not row["valid_to"] or date.fromisoformat(row["valid_to"]) >= today:
            name = f"{row['limit']} {row['service']}"
            found.add(Review(LIMIT, name, date.fromisoformat(row["review"])))
    for definition in load_definitions().values():
        if definition.review is not None:
            found.add(Review(DEFINITION, definition.id, definition.review))
    overdue = [review for review in found if review.due < today]
    return tuple(sorted(overdue, key=lambda review: (review.due, review.kind, review.name)))
