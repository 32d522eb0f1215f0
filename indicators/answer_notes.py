"""Notes on an answer for the reader at the command line: filters without rows, a wider scope, seams, missing queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path

from indicators.analysis.queue_change import only_beyond_limit
from indicators.answers import answer
from indicators.catalogue.definition import HIDDEN_DEBTS
from indicators.catalogue.labels import ALL_AREAS, name_of
from indicators.catalogue.languages import read_sentences
from indicators.engine.measures import definitions_of
from indicators.engine.published_series import demo_is_separate
from indicators.engine.question import NO_DATA, Answer, Missing, Question, Where, has_range, periods_of
from indicators.engine.unit_names import unit_names
from indicators.incomplete_periods import ENDS, GAP, OPTION, Shortfall, shortfalls, stated_for
from pipelines.settings import Settings
from pipelines.warehouse import Snapshot

_SENTENCES = Path(__file__).with_name("answer_notes.toml")


def note(code: str, language: str, **params: object) -> str:
    """The sentence of a code in a language (fi, sv, en), with its values filled in."""
    return read_sentences(_SENTENCES)[code][language].format(**params)


def notes(
    snapshot: Snapshot, found: Answer, settings: Settings, language: str, *, with_table: bool
) -> list[str]:
    """All notes on an answer, each a sentence; those on single numbers only `with_table`, which people read."""
    said = [
        *without_rows(snapshot, found, settings, language),
        *about_the_series(snapshot, found, language),
        *entered_instead_words(snapshot, found, settings, language),
        *incomplete_words(snapshot, found, language),
    ]
    if with_table:
        of_table = (wider_than_headline, only_a_range, changes_of_debt)
        said += [sentence for make in of_table if (sentence := make(found, language))]
    return said


def without_rows(snapshot: Snapshot, found: Answer, settings: Settings, language: str) -> list[str]:
    """A sentence for each value of a filter that fits no row by itself; else one where the answer has no row.

    A mistyped code would otherwise look like a unit without visits.
    """
    where = found.question.where
    unknown = [
        f"{name}={value}"
        for name, values in where
        for value in sorted(set(values) - set(_values(snapshot, found, name, ((name, values),), settings)))
    ]
    if unknown:
        return [note("no_rows_where", language, where=one) for one in unknown]
    if where and not _values(snapshot, found, where[0][0], where, settings):
        return [note("no_rows_where", language, where=_in_words(where))]
    return [] if len(found.rows) else [note("no_rows", language)]


def wider_than_headline(found: Answer, language: str) -> str | None:
    """What the pages limit the figure to, where the question neither filters nor splits by it."""
    asked = {*found.question.splits, *(name for name, _ in found.question.where)}
    scope = tuple(part for part in found.definition.headline_where() if part[0] not in asked)
    if not scope:
        return None
    by_service = [name for name, _ in scope] == ["service"]
    code = "wider_than_headline_service" if by_service else "wider_than_headline"
    return note(code, language, where=_in_words(scope))


def about_the_series(snapshot: Snapshot, found: Answer, language: str) -> list[str]:
    """Where published figures and rows meet in the answer, and that demo rows are no part of a published series."""
    said = [
        note("seam_to_rows" if seam.to_rows else "seam_to_figures", language, day=seam.date.isoformat())
        for seam in found.seams
    ]
    if found.area != ALL_AREAS and demo_is_separate(snapshot, found.definition.id, found.area):
        said.append(note("demo_line" if found.demo else "demo_apart", language))
    return said


@dataclass(frozen=True)
class EnteredInstead:
    """A period of which rows give another value than the figure in force that was entered for it."""

    period: str
    entered: float
    computed: float


def entered_instead(snapshot: Snapshot, question: Question, settings: Settings) -> list[EnteredInstead]:
    """The periods of an unsplit question where an entered figure is in force and rows give another value that may be shown."""
    definition = question.checked(definitions_of(snapshot))
    if question.splits or not definition.figures_first or (question.suppress and definition.counts_persons):
        return []
    found = answer(snapshot, question, settings)
    periods = tuple(periods_of(found.rows))
    by_rows = answer(snapshot, replace(question, rows_only=True, periods=periods), settings).rows
    both = found.rows[["period", "value"]].merge(by_rows[["period", "value"]], on="period").dropna()
    differing = both[both["value_x"] != both["value_y"]]
    return [EnteredInstead(*row) for row in differing.itertuples(index=False, name=None)]


def entered_instead_words(snapshot: Snapshot, found: Answer, settings: Settings, language: str) -> list[str]:
    """A sentence for each period where an entered figure is in force and rows give another value."""
    return [
        note(
            "entered_instead",
            language,
            period=one.period,
            entered=f"{one.entered:.{found.definition.decimals}f}",
            computed=f"{one.computed:.{found.definition.decimals}f}",
        )
        for one in entered_instead(snapshot, found.question, settings)
    ]


def incomplete_words(snapshot: Snapshot, found: Answer, language: str) -> list[str]:
    """Why periods are incomplete, a sentence for each source and kind of shortfall, and what would mend it."""
    periods: dict[Shortfall, dict[str, date]] = {}
    for of, label, last in zip(
        shortfalls(snapshot, found), found.rows["period"], found.rows["period_end"], strict=True
    ):
        for one in of:
            periods.setdefault(replace(one, units=()), {})[label] = last
    said = []
    for one, labels in periods.items():
        in_words = ", ".join(labels) if one.how == GAP else _run(list(labels))
        sentence = note(
            f"incomplete_{one.how}", language, periods=in_words, source=one.source, day=one.day.isoformat()
        )
        if one.how == ENDS and one.assumed and one.extract_date is not None:
            sentence += " " + note(
                "extract_date_guessed",
                language,
                day=one.extract_date.isoformat(),
                option=f"{OPTION} {stated_for(max(labels.values())).isoformat()}",
            )
        said.append(sentence)
    return said


def only_a_range(found: Answer, language: str) -> str | None:
    """Why some rows have a range instead of a value; None where none has."""
    if not any(map(has_range, found.rows.to_dict("records"))):
        return None
    return note("only_a_range", language, modes=", ".join(found.definition.measure.possible_modes))


def changes_of_debt(found: Answer, language: str) -> str | None:
    """What each period added to the hidden debt or repaid; None of other indicators and of split answers."""
    if found.definition.measure.statistic not in HIDDEN_DEBTS or found.question.splits:
        return None
    rows = found.rows[found.rows["value"].notna()]
    begins_there = found.question.date_from is None and not found.question.periods
    before = rows["value"].shift(fill_value=0.0 if begins_there else float("nan"))
    changes = [
        f"{period} {change:+.0f}"
        for period, change in zip(rows["period"], rows["value"] - before, strict=True)
        if change == change
    ]
    return note("changes_of_debt", language, changes=", ".join(changes)) if changes else None


def missing_queues(snapshot: Snapshot, found: Answer, settings: Settings, language: str) -> list[str]:
    """Which queues sums lack, a sentence for each run of periods that lack the same; and of which queues only the part
    beyond the limit is known."""
    if found.definition.measure.dataset != "queue":
        return []
    units = unit_names(snapshot)

    def queues(lacking: Sequence[Missing]) -> str:
        return "; ".join(_queue(one, language, units) for one in lacking)

    labels = list(dict.fromkeys(found.rows["period"]))
    # A period without any number lacks everything: the note says so of the last one alone.
    with_data = {*found.rows.loc[found.rows["status"] != NO_DATA, "period"], *labels[-1:]}
    missing = {label: lacking for label, lacking in found.missing.items() if label in with_data}
    said = [
        note("missing_queues", language, periods=_run(run), queues=queues(lacking))
        for lacking, run in _runs(labels, missing)
    ]
    only = only_beyond_limit(snapshot, found.question, settings)
    return said + [
        note("only_beyond_limit", language, periods=_run(run), queues=queues(lacking))
        for lacking, run in _runs(labels, only)
    ]


def _runs(
    labels: Sequence[str], missing: Mapping[str, tuple[Missing, ...]]
) -> list[tuple[tuple[Missing, ...], list[str]]]:
    """Runs of periods that lack the same queues."""
    grouped = groupby(labels, key=lambda label: missing.get(label, ()))
    return [(lacking, list(run)) for lacking, run in grouped if lacking]


def _run(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{labels[0]} – {labels[-1]}"


def _queue(one: Missing, language: str, units: Mapping[str, Mapping[str, str]]) -> str:
    """A queue by unit and service, with its newest number and the day of it."""
    place = ", ".join((name_of("unit", one.unit, language, units), name_of("service", one.service, language)))
    if one.day is None:
        return f"{place} ({note('number_unknown', language)})"
    day = one.day.isoformat()
    return f"{place} ({day})" if one.newest is None else f"{place} ({one.newest:.0f}, {day})"


def _values(snapshot: Snapshot, found: Answer, dimension: str, where: Where, settings: Settings) -> list[str]:
    """The values of a dimension that have rows, in the days and area of the question under other filters."""
    question = replace(found.question, splits=(dimension,), where=where, suppress=False)
    return answer(snapshot, question, settings).rows[dimension].unique().tolist()


def _in_words(where: Where) -> str:
    return ", ".join(f"{name}={value}" for name, values in where for value in values)
