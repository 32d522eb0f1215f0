"""The overview in words: its finding, tiles and small trends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from indicators.analysis.control_chart import CONCERN, IMPROVEMENT, SpcResult
from indicators.catalogue.definition import Definition
from indicators.engine.question import Answer
from indicators.programme.targets import TargetResult
from indicators.programme.verdicts import Target
from indicators.programme.year_summary import YearSummary
from indicators.wording import formats
from indicators.wording.translations import _, language, ngettext
from pages.text import names
from pages.text import targets as words
from pages.ui import cache


def finding(
    summary: YearSummary,
    shown: Sequence[TargetResult],
    area: str,
) -> str:
    """The counts of verdicts, then the first headline target that is judged."""
    said = [words.year_finding(summary.results, summary.year, area)]
    first = next((one for one in shown if one.verdict in ("met", "not_met")), None)
    before = next((one for one in shown if one.earlier is not None and one.target.as_written), None)
    if first is not None:
        meant = words.definition_of(first)
        said.append(words.result_sentence(first, meant))
    elif before is not None:
        meant = words.definition_of(before)
        said.append(
            _("{name}, {earlier}. The target of {period} is {target}.").format(
                name=names.text(meant).short,
                earlier=words.earlier_words(before, meant),
                period=formats.period(before.target.period.label),
                target=words.in_words(before.target),
            )
        )
    return formats.one_after_another(said)


def changes() -> tuple[tuple[str, str], ...]:
    """What a change beyond chance is called, by kind, worse first."""
    return (CONCERN, _("Really worsened")), (IMPROVEMENT, _("Really improved"))


def trend_values(answer: Answer | None, year: int) -> tuple[float | None, ...]:
    """The values of a small trend until the end of a year; None where there is none."""
    if answer is None:
        return ()
    rows = answer.rows.loc[[end.year <= year for end in answer.rows["period_end"]]]
    return tuple(None if formats.missing(value) else value for value in rows["value"])


def trend_words(answer: Answer | None, definition: Definition, year: int) -> str:
    """What a small trend shows: its first and its last value."""
    if answer is None:
        return ""
    rows = answer.rows.loc[[end.year <= year for end in answer.rows["period_end"]]]
    rows = rows[rows["value"].notna()]
    if len(rows) < 2:
        return ""
    first, last = rows.iloc[0], rows.iloc[-1]
    return _("Trend: {first} {start}, {last} {end}").format(
        first=formats.period(first["period"]),
        start=formats.marked(first.to_dict(), definition),
        last=formats.period(last["period"]),
        end=formats.marked(last.to_dict(), definition),
    )


def judged_period(judged: SpcResult) -> str:
    """The label of the period that a series is judged of; empty where it is not judged."""
    last = judged.last
    return last.label if last is not None and judged.kind_of(last.label) is not None else ""


def listed(targets: Iterable[Target]) -> str:
    """Targets by indicator and period."""
    known = cache.definitions()
    return "; ".join(
        f"{known[one.indicator].text[language()].short} ({formats.period(one.period.label)})"
        for one in targets
    )


def without_information(count: int) -> str:
    """How many targets nothing can be said of, for the line that unfolds them."""
    return ngettext(
        "– No information: {count} target",
        "– No information: {count} targets",
        count,
    ).format(count=count)


def without_level(count: int) -> str:
    """How many targets have no level, for the line that unfolds them."""
    return ngettext(
        "{count} target without a level to compare with",
        "{count} targets without a level to compare with",
        count,
    ).format(count=count)


def of_other_years(count: int) -> str:
    """How many targets are of other years, for the line that unfolds them."""
    return ngettext("{count} target of other years", "{count} targets of other years", count).format(
        count=count
    )
