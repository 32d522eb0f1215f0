"""A first mapping for a file whose rows are visits, entries of a queue or referrals."""

from __future__ import annotations

from indicators.catalogue.datasets import CODE, PERSON
from pipelines.checking.fields import DATE, FIELDS, WHOLE, YEAR
from pipelines.suggest.columns import Column, words_match
from pipelines.suggest.facts import Facts
from pipelines.suggest.words import word_lists
from pipelines.suggest.writing import Draft, quoted

#: Of these the one is suggested whose fields the file has most of.
ROW_LEVEL = ("visits", "queue", "referrals")
_IDS = {"visits": "visit_id", "queue": "entry_id", "referrals": "referral_id"}
#: The date without which a row is hardly of the dataset.
_DAY_OF = {"visits": "visit_on", "queue": "queued_on", "referrals": "received_on"}
_ROLES = {"unit_code": "unit", "unit_name": "unit", "service_code": "service"}
_SURE = 100


def row_level(facts: Facts, key: Column) -> Draft:
    """The draft for the dataset whose words and dates the file has."""

    def likeness(draft: Draft) -> tuple[bool, int, int, int]:
        words = word_lists()["words"][draft.dataset]
        matches = 2 * facts.named_in_titles(draft.dataset) + sum(
            bool(words_match(c.header, words)) for c in facts.columns
        )
        dates = sum(one.kind == DATE and one.name in draft.columns for one in FIELDS[draft.dataset])
        return _DAY_OF[draft.dataset] in draft.columns, matches, dates, -ROW_LEVEL.index(draft.dataset)

    return max((_filled(facts, dataset, key) for dataset in ROW_LEVEL), key=likeness)


def _filled(facts: Facts, dataset: str, key: Column) -> Draft:
    draft = Draft(dataset)
    draft.take(_IDS[dataset], key)
    scored = []
    for one in FIELDS[dataset]:
        for at, column in enumerate(facts.columns):
            score = _score(facts, one.name, column)
            if one.kind == PERSON and column.is_person:
                score = _SURE
            if score and _may_be(one.kind, column):
                scored.append((-score, at, one.name, column))
    for _, _, name, column in sorted(scored, key=lambda one: one[:3]):
        if name not in draft.columns and column.header not in draft.used:
            draft.take(name, column)
    _from_specialty(facts, draft)
    for name in ("unit_code", "service_code"):
        if name not in draft.columns:
            facts.undecided(draft, name)
    if dataset == "visits" and "state_code" not in draft.columns:
        _state_of_visits(facts, draft)
    if dataset == "queue" and "snapshot_on" not in draft.columns:
        draft.sections.append('[[set]]\nfield = "snapshot_on"\nfrom = "extract_date"')
    if dataset == "referrals" and "received_on" not in draft.columns:
        facts.undecided(draft, "received_on")
    for one in FIELDS[dataset]:
        if one.kind != CODE or one.domain in (None, "unit", "municipality"):
            continue
        if one.domain is not None and one.name in draft.columns:
            facts.meanings(draft, one.domain, facts.column(draft.columns[one.name]))
    return draft


def _score(facts: Facts, field: str, column: Column) -> int:
    """How well a header is called like a field; of a unit's code and name the one is never taken for the other."""
    score = words_match(column.header, word_lists()["fields"].get(_ROLES.get(field, field), ()))
    is_name = facts.called(column, "name")
    if (field == "unit_code" and is_name) or (field == "unit_name" and not is_name):
        return 0
    return score


def _from_specialty(facts: Facts, draft: Draft) -> None:
    """A specialty gives the service; where no header names a unit, the unit as well."""
    specialty = facts.best("specialty", lambda c: not c.is_day and not c.form, draft.used)
    if "unit_code" not in draft.columns and "unit_name" in draft.columns:
        draft.columns["unit_code"] = draft.columns.pop("unit_name")
    if specialty is None:
        return
    if "service_code" not in draft.columns:
        draft.take("service_code", specialty)
    if "unit_code" not in draft.columns:
        draft.take("unit_code", specialty)


def _state_of_visits(facts: Facts, draft: Draft) -> None:
    """Without a column of states, a visit that has a day is assumed to be realised."""
    if "visit_on" in draft.columns:
        when = quoted(draft.columns["visit_on"])
        draft.sections.append(
            f"# {facts.say('assumed')}\n"
            f'[[set]]\nfield = "state_code"\nvalue = "realised"\nwhen = {when}\n\n'
            '[[set]]\nfield = "state_code"\nvalue = "booked"'
        )
    else:
        facts.undecided(draft, "state_code")


def _may_be(kind: str, column: Column) -> bool:
    if column.has_identity_codes:
        return kind == PERSON and column.is_person
    if kind == DATE:
        return column.is_day
    if kind in (YEAR, WHOLE):
        return column.is_number and not column.is_day
    return not column.is_day
