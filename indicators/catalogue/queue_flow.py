"""The flow of queues from snapshot to snapshot as one query: who came, was treated, left, moved, and who waits.

An entry is known by its source, its origin and its own id; a unit is the one that carries it on. The queue is that of non-urgent
entries which do not wait by their own wish. A week runs from one snapshot of a unit (not included) to the next (included).
"""

from __future__ import annotations

from indicators.catalogue.datasets import DATASETS
from indicators.catalogue.dimensions import UNKNOWN
from indicators.catalogue.limits import last_day_sql
from indicators.catalogue.prepared_rows import record_key_sql

#: What a row counts. `WEEK` says that a queue is known on both days and counts nothing; `CLOSING` are those who wait.
WEEK, CLOSING = "week", "closing"
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

_VISITS, _QUEUE = DATASETS["visits"], DATASETS["queue"]
_ASSESSED = "CASE WHEN q.assessed_on <= q.snapshot_on THEN q.assessed_on END"
_STARTED = (
    f"coalesce({_ASSESSED}, CASE WHEN q.queued_on <= q.snapshot_on THEN q.queued_on END, q.snapshot_on)"
)
_SAME_ASSESSMENT = "(v.assessed_on = e.assessed_on OR v.assessed_on IS NULL OR e.assessed_on IS NULL)"

_LISTED = f"""
heirs AS (
    -- one row per unit: the one that carries it on
    SELECT a.unit, coalesce(c.successor, b.successor, a.successor, a.unit) AS place
    FROM units a LEFT JOIN units b ON b.unit = a.successor
    LEFT JOIN units c ON c.unit = b.successor
), listed AS (
    -- one row per entry and snapshot
    SELECT {record_key_sql("queue")} AS entry, q.source::VARCHAR AS source, q.area::VARCHAR AS area,
           coalesce(h.place, q.unit::VARCHAR) AS unit, coalesce(q.service::VARCHAR, '{UNKNOWN}') AS service,
           coalesce(q.profession::VARCHAR, '{UNKNOWN}') AS profession, q.snapshot_on AS day, q.person,
           q.age_group::VARCHAR AS age_group, {_QUEUE.counted} AS counts, {_STARTED} AS dated,
           {WAITS} AS waits,
           {_ASSESSED} AS assessed, CASE WHEN q.assessed_on <= q.snapshot_on THEN {{last_day}} END AS last_day
    FROM queue q LEFT JOIN heirs h ON h.unit = q.unit::VARCHAR
), places AS (
    -- one row per queue of a source
    SELECT source, unit, service, any_value(area) AS area FROM listed GROUP BY ALL
), counting AS (
    SELECT DISTINCT source, unit, date_trunc('month', day) AS month FROM listed WHERE counts
), days AS (
    -- one row per snapshot of a source's unit; one that is covered without an entry was empty
    SELECT source, unit, day FROM listed WHERE counts
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
    SELECT DISTINCT source, unit, service, day FROM listed WHERE NOT counts
), weeks AS (
    -- one row per queue and snapshot; without the day before where the queue is not known then
    SELECT p.area, p.source, p.unit, p.service, n.day, n.number, n.next_on,
           CASE WHEN b.day IS NULL THEN n.before_on END AS before_on
    FROM places p JOIN numbered n USING (source, unit)
    LEFT JOIN silent s ON (s.source, s.unit, s.service, s.day) = (p.source, p.unit, p.service, n.day)
    LEFT JOIN silent b ON (b.source, b.unit, b.service, b.day) = (p.source, p.unit, p.service, n.before_on)
    WHERE s.day IS NULL
), contacts AS (
    -- one row per realised visit that a queue may have ended in
    SELECT {record_key_sql("visits")} AS visit, v.person, coalesce(h.place, v.unit::VARCHAR) AS unit,
           coalesce(v.service::VARCHAR, '{UNKNOWN}') AS service,
           coalesce(v.profession::VARCHAR, '{UNKNOWN}') AS profession, v.visit_on, v.age_group::VARCHAR AS age_group,
           CASE WHEN v.assessed_on <= v.visit_on THEN v.assessed_on END AS assessed_on,
           v.first_visit IS DISTINCT FROM 'no' AND coalesce(v.urgency::VARCHAR, 'non_urgent') = 'non_urgent' AS ends_a_wait
    FROM visits v LEFT JOIN heirs h ON h.unit = v.unit::VARCHAR
    WHERE {_VISITS.counted}
      AND (coalesce(h.place, v.unit::VARCHAR), coalesce(v.service::VARCHAR, '{UNKNOWN}')) IN (SELECT (unit, service) FROM places)
)"""

_STEPS = f"""
entries AS (
    -- one row per entry and snapshot that counts, from its first date of start on, with the record after it
    SELECT e.* EXCLUDE (area, counts, dated, assessed, last_day), first_value(e.dated) OVER w AS start_on,
           first_value(e.assessed) OVER w AS assessed_on, first_value(e.last_day) OVER w AS last_day,
           e.dated IS DISTINCT FROM lag(e.dated) OVER w AND lag(e.dated) OVER w IS NOT NULL AS redated,
           n.number, n.before_on, n.next_on, lead(e.day) OVER w AS next_day, lead(n.number) OVER w AS next_number,
           -- numbers of places and words: texts make windows several times slower
           hash(e.profession) AS of_profession, hash(e.unit) AS of_unit, hash(e.unit, e.service, e.waits) AS of_place,
           lead(of_unit) OVER w AS next_unit, lead(of_place) OVER w AS next_place, lead(of_profession) OVER w AS next_profession
    FROM listed e JOIN numbered n USING (source, unit, day) WHERE e.counts
    WINDOW w AS (PARTITION BY e.entry ORDER BY e.day)
), gaps AS (
    SELECT entry, day FROM entries e WHERE next_day > next_on AND EXISTS (
        SELECT 1 FROM contacts v WHERE v.person = e.person AND v.unit = e.unit AND v.service = e.service
            AND v.visit_on > e.day AND v.visit_on <= e.next_day AND {_SAME_ASSESSMENT})
), steps AS (
    -- each with whether it goes on waiting, and whether it did before
    SELECT *, lag(goes_on) OVER w AS went_on, lag(missed) OVER w AS were_missed,
           lag(same_place) OVER w AS was_here, lag(of_profession) OVER w AS was_profession
    FROM (
        SELECT e.*, of_place = next_place AS same_place,
               CASE WHEN of_unit = next_unit THEN next_number - number - 1 ELSE (next_day - e.day) // 7 - 1 END AS missed,
               coalesce(next_day IS NOT NULL AND missed <= {MOST_MISSED} AND g.day IS NULL, false) AS goes_on
        FROM entries e LEFT JOIN gaps g ON (g.entry, g.day) = (e.entry, e.day)
    ) WINDOW w AS (PARTITION BY entry ORDER BY day)
), gone AS (
    -- one row per entry that is in no later snapshot, with whether the same person has a visit that says why
    SELECT e.*, coalesce(e.assessed_on, DATE '1900-01-01') AS of_assessment, EXISTS (
        SELECT 1 FROM contacts v WHERE v.person = e.person AND v.unit = e.unit AND v.service = e.service
            AND v.visit_on > e.day AND v.visit_on <= e.next_on AND {_SAME_ASSESSMENT}) AS seen
    FROM steps e WHERE NOT goes_on AND next_on IS NOT NULL
)"""

_WITHOUT_PERSON = """
first_contacts AS (
    -- one row per visit that ended a wait which no entry of its person tells of
    SELECT v.*, w.day, coalesce(v.assessed_on, DATE '1900-01-01') AS of_assessment, w.area, w.source
    FROM (SELECT * FROM contacts WHERE ends_a_wait AND assessed_on IS NOT NULL
          QUALIFY person IS NULL OR row_number() OVER (
              PARTITION BY person, unit, service, assessed_on ORDER BY visit_on, visit) = 1) v
    ASOF JOIN (SELECT * FROM weeks QUALIFY row_number() OVER (PARTITION BY unit, service, day ORDER BY source) = 1) w
      ON v.unit = w.unit AND v.service = w.service AND v.visit_on <= w.day
    WHERE v.visit_on > w.before_on AND (v.person IS NULL OR NOT EXISTS (
        SELECT 1 FROM listed e WHERE e.person = v.person AND e.unit = v.unit AND e.service = v.service
            AND (e.assessed = v.assessed_on OR e.assessed IS NULL)))
), numbers AS (
    -- one row per week, assessment and age group: how many such visits have a person, and how many have none
    SELECT unit, service, day, of_assessment, age_group, count(person) AS named, count(*) - count(person) AS nameless
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
        WINDOW alike AS (PARTITION BY unit, service, next_on, of_assessment, age_group),
               of_kind AS (PARTITION BY unit, service, next_on, of_assessment, age_group, person IS NULL ORDER BY entry)
    ) g LEFT JOIN numbers n ON (n.unit, n.service, n.day, n.of_assessment, n.age_group)
        = (g.unit, g.service, g.next_on, g.of_assessment, g.age_group)
), taken AS (
    SELECT unit, service, next_on AS day, of_assessment, age_group, count(*) FILTER (by_number AND person IS NULL) AS by_nobody,
           count(*) FILTER (by_number AND person IS NOT NULL) AS by_people
    FROM matched GROUP BY ALL
), unlisted AS (
    -- visits that no entry took: nameless ones go to entries with a person first
    SELECT f.*, row_number() OVER (
               PARTITION BY f.unit, f.service, f.day, f.of_assessment, f.age_group
               ORDER BY f.person IS NULL DESC, f.visit_on, f.visit
           ) > coalesce(t.by_people, 0) + coalesce(t.by_nobody, 0) AS is_free
    FROM first_contacts f LEFT JOIN taken t USING (unit, service, day, of_assessment, age_group)
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
WHERE e.kind IN ('{CLOSING}', '{LIMITED}', '{OVER}') OR w.before_on IS NOT NULL
GROUP BY ALL
UNION ALL
SELECT area, unit, service, '{UNKNOWN}', before_on, day, '{WEEK}', 0, 0 FROM weeks
ORDER BY area, unit, service, snapshot_on, kind, profession, age"""


def queue_flow_sql(eves_are_weekdays: bool = False) -> str:
    """The query of the flow: one row per area, unit, service, profession, week, kind and age in whole weeks on the closing day.

    `n` is a number of entries; `before_on` is empty where the queue is not known on a snapshot before.
    """
    steps = ",".join((_LISTED, _STEPS, _WITHOUT_PERSON, _EVENTS))
    last_day = last_day_sql("q.service", "q.assessed_on", "q.age_group", eves_are_weekdays=eves_are_weekdays)
    return "WITH" + steps.replace("{last_day}", last_day)
