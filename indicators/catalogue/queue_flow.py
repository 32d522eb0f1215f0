"""The flow of queues from snapshot to snapshot as one query: who came, was treated, left, moved, and who waits.

An entry is known by its source, its origin and its own id; a unit is the one that carries it on. The queue is that of non-urgent
entries which do not wait by their own wish. A week runs from one snapshot of a unit (not included) to the next (included).

The flow of a year follows from rows near it alone, so that a version stores it by year: nothing is known of a week of more than
`LONGEST_GAP` days, nor of a person's visits and entries further than `SAME_NEED_DAYS` from a visit.
"""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.dimensions import UNKNOWN
from indicators.catalogue.limits import last_day_sql
from indicators.catalogue.prepared_rows import record_key_sql
from indicators.catalogue.summaries import DAYS

#: What a row counts. `CLOSING` are those who wait.
CLOSING = "closing"
#: Of those who wait: who has a limit, and who is over it, by the first date of start.
LIMITED, OVER = "limited", "over"
#: New entries, and people seen who were never listed: these arrive and are treated in one week.
ARRIVED, ARRIVED_UNLISTED = "arrived", "arrived_unlisted"
TREATED, TREATED_UNLISTED = "treated", "treated_unlisted"
#: Gone without a visit; moved between units, services, urgencies or reasons; of another profession than before.
LEFT, MOVED_IN, MOVED_OUT = "left", "moved_in", "moved_out"
PROFESSION_IN, PROFESSION_OUT = "profession_in", "profession_out"
#: Back after a gap, in which they are counted as waiting; with another date of start than at first, which stands.
RETURNED, REDATED = "returned", "redated"
#: The SQL of whether an entry is in the queue that is planned: not urgent, and not waiting by its own wish.
WAITS = "urgency IS NOT DISTINCT FROM 'non_urgent' AND reason IS DISTINCT FROM 'own_wish'"
#: An entry that is missing from so many snapshots without a visit, and then is back, waited all the time.
MOST_MISSED = 4
#: Days between two snapshots, or two records of an entry, that follow each other.
LONGEST_GAP = 183
#: Visits of a person with one assessment are of one need if no more days lie between them; so are an entry and a visit after it.
SAME_NEED_DAYS = 366
#: The table in which a version stores the flow, a segment of each year.
TABLE = "queue_flow"
#: The fact of a version that says what its flow was made by.
FACT = f"made_by_{TABLE}"

_VISITS, _QUEUE, _DAYS = DATASETS["visits"], DATASETS["queue"], DAYS["queue"]
_ASSESSED = "CASE WHEN q.assessed_on <= q.snapshot_on THEN q.assessed_on END"
_STARTED = (
    f"coalesce({_ASSESSED}, CASE WHEN q.queued_on <= q.snapshot_on THEN q.queued_on END, q.snapshot_on)"
)
#: A person as a number, by which tables are joined faster; `{}` is the name of the rows.
_PERSON = "CASE WHEN {0}.person IS NOT NULL THEN hash({0}.person) END"
_SAME_ASSESSMENT = "(v.assessed_on = e.assessed_on OR v.assessed_on IS NULL OR e.assessed_on IS NULL)"

_PLACES = f"""
heirs AS (
    -- one row per unit: the one that carries it on
    SELECT a.unit, coalesce(c.successor, b.successor, a.successor, a.unit) AS place
    FROM units a LEFT JOIN units b ON b.unit = a.successor
    LEFT JOIN units c ON c.unit = b.successor
), queue_on AS (
    -- one row per source's unit, service and snapshot, by whether its source is the one that counts
    SELECT DISTINCT q.source::VARCHAR AS source, q.area::VARCHAR AS area, coalesce(h.place, q.unit::VARCHAR) AS unit,
           coalesce(q.service::VARCHAR, '{UNKNOWN}') AS service, q.day, q.counts
    FROM {{days}} q LEFT JOIN heirs h ON h.unit = q.unit::VARCHAR
), places AS (
    -- one row per queue of a source; `place` is a number, which is compared faster than texts are
    SELECT source, unit, service, hash(unit, service) AS place, any_value(area ORDER BY area) AS area FROM queue_on GROUP BY ALL
), counting AS (
    SELECT DISTINCT source, unit, date_trunc('month', day) AS month FROM queue_on WHERE counts
), days AS (
    -- one row per snapshot of a source's unit; one that is covered without an entry was empty
    SELECT source, unit, day FROM queue_on WHERE counts
    UNION
    SELECT c.source, coalesce(h.place, c.unit), c.first_on FROM covered c LEFT JOIN heirs h USING (unit)
    WHERE c.dataset = 'queue' AND NOT EXISTS (
        SELECT 1 FROM counting o WHERE o.unit = coalesce(h.place, c.unit) AND o.source <> c.source
            AND o.month = date_trunc('month', c.first_on)
            AND NOT EXISTS (SELECT 1 FROM counting m WHERE (m.source, m.unit, m.month) = (c.source, o.unit, o.month)))
), numbered AS (
    SELECT *, row_number() OVER w AS number, lag(day) OVER w AS before_on, lead(day) OVER w AS next_on
    FROM days WINDOW w AS (PARTITION BY source, unit ORDER BY day)
), silent AS (
    -- snapshots of a queue in a month in which another source counts for it
    SELECT DISTINCT source, unit, service, day FROM queue_on WHERE NOT counts
), weeks AS (
    -- one row per queue and snapshot; without the day before where the queue is not known then
    SELECT p.area, p.source, p.unit, p.service, p.place, n.day, n.number, n.next_on,
           CASE WHEN b.day IS NULL AND n.day - n.before_on <= {LONGEST_GAP} THEN n.before_on END AS before_on
    FROM places p JOIN numbered n USING (source, unit)
    LEFT JOIN silent s ON (s.source, s.unit, s.service, s.day) = (p.source, p.unit, p.service, n.day)
    LEFT JOIN silent b ON (b.source, b.unit, b.service, b.day) = (p.source, p.unit, p.service, n.before_on)
    WHERE s.day IS NULL
)"""

_LISTED = f"""
listed AS (
    -- one row per entry and snapshot
    SELECT {record_key_sql("queue")} AS entry, q.source::VARCHAR AS source, q.area::VARCHAR AS area,
           coalesce(h.place, q.unit::VARCHAR) AS unit, coalesce(q.service::VARCHAR, '{UNKNOWN}') AS service,
           hash(coalesce(h.place, q.unit::VARCHAR), coalesce(q.service::VARCHAR, '{UNKNOWN}')) AS place,
           coalesce(q.profession::VARCHAR, '{UNKNOWN}') AS profession, q.snapshot_on AS day, {_PERSON.format("q")} AS person,
           q.age_group::VARCHAR AS age_group, {_QUEUE.counted} AS counts, {_STARTED} AS dated,
           {WAITS} AS waits,
           {_ASSESSED} AS assessed, CASE WHEN q.assessed_on <= q.snapshot_on THEN {{last_day}} END AS last_day
    FROM queue q LEFT JOIN heirs h ON h.unit = q.unit::VARCHAR
    WHERE {{near_entries}}
), contacts AS NOT MATERIALIZED (
    -- one row per realised visit that a queue may have ended in
    SELECT {record_key_sql("visits")} AS visit, {_PERSON.format("v")} AS person,
           hash(coalesce(h.place, v.unit::VARCHAR), coalesce(v.service::VARCHAR, '{UNKNOWN}')) AS place,
           coalesce(v.profession::VARCHAR, '{UNKNOWN}') AS profession, v.visit_on, v.age_group::VARCHAR AS age_group,
           CASE WHEN v.assessed_on <= v.visit_on THEN v.assessed_on END AS assessed_on,
           v.first_visit IS DISTINCT FROM 'no' AND coalesce(v.urgency::VARCHAR, 'non_urgent') = 'non_urgent' AS ends_a_wait
    FROM visits v LEFT JOIN heirs h ON h.unit = v.unit::VARCHAR
    WHERE {_VISITS.counted} AND {{near_visits}}
), visits_of_entries AS (
    -- those of people who have an entry
    SELECT person, place, visit_on, assessed_on FROM contacts WHERE (person, place) IN (SELECT (person, place) FROM listed)
)"""

_STEPS = f"""
entries AS (
    -- one row per entry and snapshot that counts, from its first date of start on, with the record after it
    SELECT e.* EXCLUDE (area, counts, dated, assessed, last_day), first_value(e.dated) OVER w AS start_on,
           first_value(e.assessed) OVER w AS assessed_on, first_value(e.last_day) OVER w AS last_day,
           e.dated IS DISTINCT FROM lag(e.dated) OVER w AND lag(e.dated) OVER w IS NOT NULL AS redated,
           n.number, n.before_on, n.next_on, lead(e.day) OVER w AS next_day, lead(n.number) OVER w AS next_number,
           -- numbers of places and words: texts make windows several times slower
           hash(e.profession) AS of_profession, hash(e.unit) AS of_unit, hash(e.place, e.waits) AS of_place,
           lead(of_unit) OVER w AS next_unit, lead(of_place) OVER w AS next_place, lead(of_profession) OVER w AS next_profession
    FROM listed e JOIN numbered n USING (source, unit, day) WHERE e.counts
    WINDOW w AS (PARTITION BY e.entry ORDER BY e.day)
), gaps AS (
    SELECT entry, day FROM entries e WHERE next_day > next_on AND EXISTS (
        SELECT 1 FROM visits_of_entries v WHERE v.person = e.person AND v.place = e.place
            AND v.visit_on > e.day AND v.visit_on <= e.next_day AND {_SAME_ASSESSMENT})
), steps AS (
    -- each with whether it goes on waiting, and whether it did before
    SELECT *, lag(goes_on) OVER w AS went_on, lag(missed) OVER w AS were_missed,
           lag(same_place) OVER w AS was_here, lag(of_profession) OVER w AS was_profession
    FROM (
        SELECT e.*, of_place = next_place AS same_place,
               CASE WHEN of_unit = next_unit THEN next_number - number - 1 ELSE (next_day - e.day) // 7 - 1 END AS missed,
               coalesce(next_day - e.day <= {LONGEST_GAP} AND missed <= {MOST_MISSED} AND g.day IS NULL, false) AS goes_on
        FROM entries e LEFT JOIN gaps g ON (g.entry, g.day) = (e.entry, e.day)
    ) WINDOW w AS (PARTITION BY entry ORDER BY day)
), gone AS (
    -- one row per entry that is in no later snapshot, with whether the same person has a visit that says why
    SELECT e.*, coalesce(e.assessed_on, DATE '1900-01-01') AS of_assessment, EXISTS (
        SELECT 1 FROM visits_of_entries v WHERE v.person = e.person AND v.place = e.place
            AND v.visit_on > e.day AND v.visit_on <= e.next_on AND {_SAME_ASSESSMENT}) AS seen
    FROM steps e WHERE NOT goes_on AND next_on IS NOT NULL
)"""

_WITHOUT_PERSON = f"""
first_contacts AS (
    -- one row per visit that ended a wait which no entry of its person tells of
    SELECT v.*, w.day, coalesce(v.assessed_on, DATE '1900-01-01') AS of_assessment, w.area, w.source, w.unit, w.service
    FROM (SELECT * FROM contacts WHERE ends_a_wait AND assessed_on IS NOT NULL AND place IN (SELECT place FROM places)
          QUALIFY person IS NULL OR coalesce(visit_on - lag(visit_on) OVER (
              PARTITION BY person, place, assessed_on ORDER BY visit_on, visit) > {SAME_NEED_DAYS}, true)) v
    ASOF JOIN (SELECT * FROM weeks QUALIFY row_number() OVER (PARTITION BY place, day ORDER BY source) = 1) w
      ON v.place = w.place AND v.visit_on <= w.day
    WHERE v.visit_on > w.before_on AND (v.person IS NULL OR NOT EXISTS (
        SELECT 1 FROM listed e WHERE e.person = v.person AND e.place = v.place
            AND (e.assessed = v.assessed_on OR e.assessed IS NULL)
            AND e.day BETWEEN v.visit_on - {SAME_NEED_DAYS} AND v.visit_on + {LONGEST_GAP}))
), numbers AS (
    -- one row per week, assessment and age group: how many such visits have a person, and how many have none
    SELECT place, day, of_assessment, age_group, count(person) AS named, count(*) - count(person) AS nameless
    FROM first_contacts GROUP BY ALL
), matched AS (
    -- who is gone: whether the person's own visit says why, or else one of as many visits as there are without an entry
    SELECT g.*, NOT g.seen AND CASE
               WHEN g.person IS NOT NULL THEN g.place_in_line <= coalesce(n.nameless, 0)
               ELSE g.place_in_line <= coalesce(n.named, 0)
                    + greatest(coalesce(n.nameless, 0) - g.with_person, 0) END AS by_number
    FROM (
        SELECT *, sum((NOT seen)::INTEGER) OVER (of_kind ROWS UNBOUNDED PRECEDING) AS place_in_line,
               count(*) FILTER (NOT seen AND person IS NOT NULL) OVER alike AS with_person
        FROM gone
        WINDOW alike AS (PARTITION BY place, next_on, of_assessment, age_group),
               of_kind AS (PARTITION BY place, next_on, of_assessment, age_group, person IS NULL ORDER BY entry)
    ) g LEFT JOIN numbers n
        ON (n.place, n.day, n.of_assessment, n.age_group) = (g.place, g.next_on, g.of_assessment, g.age_group)
), taken AS (
    SELECT place, next_on AS day, of_assessment, age_group, count(*) FILTER (by_number AND person IS NULL) AS by_nobody,
           count(*) FILTER (by_number AND person IS NOT NULL) AS by_people
    FROM matched GROUP BY ALL
), unlisted AS (
    -- visits that no entry took: nameless ones go to entries with a person first
    SELECT f.*, row_number() OVER (
               PARTITION BY f.place, f.day, f.of_assessment, f.age_group
               ORDER BY f.person IS NULL DESC, f.visit_on, f.visit
           ) > coalesce(t.by_people, 0) + coalesce(t.by_nobody, 0) AS is_free
    FROM first_contacts f LEFT JOIN taken t USING (place, day, of_assessment, age_group)
)"""

_EVENTS = f"""
events AS (
    SELECT source, unit, service, profession, '{ARRIVED}' AS kind, day, start_on FROM steps
    WHERE waits AND NOT coalesce(went_on, false)
    UNION ALL SELECT source, unit, service, profession, '{MOVED_IN}', day, start_on FROM steps
    WHERE waits AND went_on AND NOT was_here
    UNION ALL SELECT source, unit, service, profession, '{RETURNED}', day, start_on FROM steps
    WHERE waits AND went_on AND was_here AND were_missed > 0
    UNION ALL SELECT source, unit, service, profession, '{REDATED}', day, start_on FROM steps WHERE waits AND redated
    UNION ALL SELECT source, unit, service, profession, '{MOVED_OUT}', next_on, start_on FROM steps
    WHERE waits AND goes_on AND NOT same_place
    UNION ALL SELECT source, unit, service, profession, '{PROFESSION_OUT}', next_day, start_on FROM steps
    WHERE waits AND goes_on AND same_place AND of_profession <> next_profession
    UNION ALL SELECT source, unit, service, profession, '{PROFESSION_IN}', day, start_on FROM steps
    WHERE waits AND went_on AND was_here AND of_profession <> was_profession
    UNION ALL SELECT source, unit, service, profession,
                     CASE WHEN seen OR by_number THEN '{TREATED}' ELSE '{LEFT}' END, next_on, start_on FROM matched
    WHERE waits
    UNION ALL SELECT source, unit, service, profession, '{ARRIVED_UNLISTED}', day, assessed_on FROM unlisted WHERE is_free
    UNION ALL SELECT source, unit, service, profession, '{TREATED_UNLISTED}', day, assessed_on FROM unlisted WHERE is_free
), present AS (
    SELECT source, unit, service, profession, day, start_on, last_day FROM steps WHERE waits
    UNION ALL
    SELECT s.source, s.unit, s.service, s.profession, n.day, s.start_on, s.last_day
    FROM steps s JOIN numbered n ON n.source = s.source AND n.unit = s.unit
        AND n.number > s.number AND n.number < s.next_number
    WHERE s.waits AND s.goes_on AND s.same_place AND s.missed > 0
), waiting AS (
    SELECT source, unit, service, profession, '{CLOSING}' AS kind, day, start_on FROM present
    UNION ALL SELECT source, unit, service, profession, '{LIMITED}', day, start_on FROM present WHERE last_day IS NOT NULL
    UNION ALL SELECT source, unit, service, profession, '{OVER}', day, start_on FROM present WHERE day > last_day
)
SELECT w.area, e.unit, e.service, e.profession, w.before_on, e.day AS snapshot_on, e.kind,
       least(greatest((e.day - e.start_on) // 7, 0), 520)::INTEGER AS age, count(*) AS n
FROM (FROM events UNION ALL FROM waiting) e JOIN weeks w USING (source, unit, service, day)
WHERE (e.kind IN ('{CLOSING}', '{LIMITED}', '{OVER}') OR w.before_on IS NOT NULL) AND {{of_year}}
GROUP BY ALL
ORDER BY area, unit, service, snapshot_on, kind, profession, age"""


def queue_flow_sql(eves_are_weekdays: bool = False, year: int | None = None, days: str | None = None) -> str:
    """The query of the flow: one row per area, unit, service, profession, week, kind and age in whole weeks on the closing day.

    `n` is a number of entries; `before_on` is empty where the queue is not known on a snapshot before. Of a `year` the weeks
    that close in it, from rows near it. `days` is what the days of snapshots are read from, the table made of them by default.
    """
    near_entries, near_visits, of_year = _near(year)
    steps = ",".join((_PLACES, _LISTED, _STEPS, _WITHOUT_PERSON, _EVENTS))
    last_day = last_day_sql("q.service", "q.assessed_on", "q.age_group", eves_are_weekdays=eves_are_weekdays)
    return "WITH" + steps.format(
        days=days or _DAYS.table,
        last_day=last_day,
        near_entries=near_entries,
        near_visits=near_visits,
        of_year=of_year,
    )


def queue_weeks_sql(days: str | None = None) -> str:
    """The query of which queues are known when: one row per area, unit, service and snapshot, with the snapshot before.

    `before_on` is empty where the queue is not known then.
    """
    return f"""WITH {_PLACES.format(days=days or _DAYS.table)}
               SELECT area, unit, service, before_on, day AS snapshot_on FROM weeks ORDER BY ALL"""


def made_by(eves_are_weekdays: bool, program: str) -> str:
    """The digest of the query and of the program, with its version, whose hashes order what it counts."""
    return sha256(f"{program} {queue_flow_sql(eves_are_weekdays)}".encode()).hexdigest()[:16]


def first_and_last_near(year: int) -> tuple[date, date]:
    """The days between which lie the rows that the flow of a year follows from, besides older records of the same entries."""
    return (
        date(year, 1, 1) - timedelta(days=LONGEST_GAP + SAME_NEED_DAYS),
        date(year, 12, 31) + timedelta(days=LONGEST_GAP),
    )


def _near(year: int | None) -> tuple[str, str, str]:
    """The conditions of entries, of visits and of weeks; no conditions without a year."""
    if year is None:
        return "true", "true", "true"
    first, last = first_and_last_near(year)
    key = "(source, origin, entry_id)"
    return (
        f"""q.snapshot_on <= DATE '{last}' AND {key} IN (
            SELECT {key} FROM queue WHERE snapshot_on BETWEEN DATE '{first}' AND DATE '{last}')""",
        f"v.visit_on BETWEEN DATE '{first}' AND DATE '{last}'",
        f"year(e.day) = {year}",
    )
