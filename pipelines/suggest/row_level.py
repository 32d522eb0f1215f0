"""A first mapping for a file whose rows are visits, entries of a queue or referrals."""

from __future__ import annotations

from collections.abc import Mapping

from indicators.catalogue.datasets import CODE, PERSON
from pipelines.checking.fields import DATE, FIELDS, WHOLE, YEAR, Field
from pipelines.checking.lost_indicators import needed_fields
from pipelines.suggest.columns import Column, words_match
from pipelines.suggest.facts import Facts
from pipelines.suggest.words import code_called, word_lists
from pipelines.suggest.writing import Draft, quoted
from pipelines.texts import name_of

#: Of these the one is suggested whose fields the file has most of.
ROW_LEVEL = ("visits", "queue", "referrals")
_IDS = {"visits": "visit_id", "queue": "entry_id", "referrals": "referral_id"}
#: The date without which a row is hardly of the dataset.
_DAY_OF = {"visits": "visit_on", "queue": "queued_on", "referrals": "received_on"}
#: Fields whose words are those of a role that several share.
ROLES = {"unit_code": "unit", "unit_name": "unit", "service_code": "service"}
_SURE = 100
#: One value alone says too little against what a column is called.
_FEWEST_SAYING = 2
#: What a row without an id is told apart by, besides its day, before anything else.
_KEY_FIELDS = ("person", "unit_code", "service_code")


def row_level(facts: Facts, key: Column | None) -> Draft:
    """The draft for the dataset whose words and dates the file has; without a column of ids a key is made of others."""

    def likeness(draft: Draft) -> tuple[bool, int, int, int]:
        words = word_lists()["words"][draft.dataset]
        matches = 2 * facts.named_in_titles(draft.dataset) + sum(
            bool(words_match(c.header, words)) for c in facts.columns
        )
        dates = sum(one.kind == DATE and one.name in draft.columns for one in FIELDS[draft.dataset])
        return _DAY_OF[draft.dataset] in draft.columns, matches, dates, -ROW_LEVEL.index(draft.dataset)

    return max((_filled(facts, dataset, key) for dataset in ROW_LEVEL), key=likeness)


def _filled(facts: Facts, dataset: str, key: Column | None) -> Draft:
    draft = Draft(dataset)
    made = facts.new("key")
    if key is None:
        draft.columns[_IDS[dataset]] = made
    else:
        draft.take(_IDS[dataset], key)
    by_values = facts.domains_by_values(_lists_of(dataset))
    scored = []
    for one in FIELDS[dataset]:
        for at, column in enumerate(facts.columns):
            score = _score(facts, one.name, column)
            if one.kind == PERSON and column.is_person:
                score = _SURE
            if score and _may_be(one.kind, column) and not _says_other(one, column, by_values):
                is_known = one.domain is not None and facts.known_by_name(one.domain, column)
                scored.append((not is_known, -score, at, one.name, column))
    for *_, name, column in sorted(scored, key=lambda one: one[:4]):
        if name not in draft.columns and column.header not in draft.used:
            draft.take(name, column)
    _from_specialty(facts, draft)
    _by_values(facts, draft, by_values)
    if key is None:
        _make_key(facts, draft, made)
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
        if one.kind != CODE or one.domain in (None, "unit"):
            continue
        if one.domain is not None and one.name in draft.columns:
            facts.meanings(draft, one.domain, facts.column(draft.columns[one.name]))
    _needed(facts, draft)
    return draft


def _lists_of(dataset: str) -> set[str]:
    """The lists of codes that a dataset's fields have and a column's values may tell."""
    return {one.domain for one in FIELDS[dataset] if one.kind == CODE and one.domain} - {
        "unit",
        "municipality",
    }


def _says_other(field: Field, column: Column, by_values: Mapping[str, str]) -> bool:
    """Whether a column that is called like a field holds the codes of another: first and repeat visits as a visit's nature.

    A unit may be called like its service.
    """
    said = by_values.get(column.header)
    if said is None or said == field.domain or len(column.texts) < _FEWEST_SAYING:
        return False
    if field.kind != PERSON and (field.domain is None or (field.domain == "unit" and said == "service")):
        return False
    return not any(code_called(field.domain, text) for text in column.texts) if field.domain else True


def _by_values(facts: Facts, draft: Draft, by_values: Mapping[str, str]) -> None:
    """Take columns by what they hold, where their header says nothing and their values are codes of one field alone."""
    for one in FIELDS[draft.dataset]:
        if one.kind != CODE or one.name in draft.columns:
            continue
        fitting = [header for header, domain in by_values.items() if domain == one.domain]
        free = [header for header in fitting if header not in draft.used]
        if one.domain == "service" and draft.columns.get("unit_code") in fitting:
            # Units that are called like their services tell both.
            free = free or [draft.columns["unit_code"]]
        if free:
            draft.take(one.name, facts.column(free[0]))
            draft.assumed.add(one.name)


def _make_key(facts: Facts, draft: Draft, name: str) -> None:
    """Join a key of columns that are filled in every row, the likeliest first, until no two rows have the same.

    Where rows agree in all of them they are repeats, or the file cannot tell them apart: that is said, not guessed.
    """
    likely = [
        draft.columns[field] for field in (*_KEY_FIELDS, _DAY_OF[draft.dataset]) if field in draft.columns
    ]
    others = [header for header in draft.columns.values() if header not in (*likely, name)]
    whole = [c for c in map(facts.column, (*likely, *others)) if c.filled == c.rows and facts.joins(c)]
    least = sum(column.header in likely for column in whole)
    chosen, alike = whole[:least], facts.rows_alike(whole[:least])
    for column in whole[least:]:
        fewer = facts.rows_alike([*chosen, column])
        if fewer < alike:
            chosen, alike = [*chosen, column], fewer
    if not chosen:
        del draft.columns[_IDS[draft.dataset]]
        draft.columns_notes.append(f'# {_IDS[draft.dataset]} = ""   # {facts.say("no_key")}')
        return
    draft.joins[name] = "/".join(f"{{{column.header}}}" for column in chosen)
    listed = facts.unused_names(chosen)
    said = facts.say("made_key", columns=listed)
    draft.joins_open = f"# {said}" + (f" {facts.say('rows_alike', count=alike)}" if alike else "")


def _needed(facts: Facts, draft: Draft) -> None:
    """Name the fields that indicators need and no column was found for: a code may be the same in every row."""
    kinds = {one.name: one for one in FIELDS[draft.dataset]}
    written = "\n".join((*draft.constants, *draft.columns_notes, *draft.sections))
    for fields, definitions in needed_fields(draft.dataset).items():
        field = kinds[fields[0]]
        if any(f"{name} = " in written or f'"{name}"' in written or name in draft.columns for name in fields):
            continue
        names = ", ".join(one.text[facts.language].short for one in definitions)
        what = name_of("field", field.name, facts.language)
        if field.kind == CODE:
            said = " ".join(
                [facts.say("needed_code", what=what, names=names), *facts.possible(field.domain or "")]
            )
            draft.constants.append(f'# {field.name} = ""   # {said}')
        else:
            said = facts.say("needed_column", what=what, names=names)
            draft.columns_notes.append(f'# {field.name} = ""   # {said}')


def _score(facts: Facts, field: str, column: Column) -> int:
    """How well a header is called like a field; of a unit's code and name the one is never taken for the other."""
    score = words_match(column.header, word_lists()["fields"].get(ROLES.get(field, field), ()))
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
