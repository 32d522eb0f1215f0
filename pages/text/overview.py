"""The overview in words: its finding, tiles and small trends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from indicators.analysis.change import change_against
from indicators.catalogue.definition import Definition
from indicators.catalogue.periods import grain_of
from indicators.engine.question import Answer
from indicators.programme.targets import TargetResult
from indicators.programme.verdicts import Target
from indicators.programme.year_summary import Ahead, YearSummary
from indicators.wording import formats
from indicators.wording.translations import _, language, ngettext
from pages.text import names
from pages.text import targets as words
from pages.ui import cache


def finding(summary: YearSummary, shown: Sequence[TargetResult], area: str) -> str:
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


def is_earlier(result: TargetResult) -> bool:
    """Whether a tile shows an earlier actual, for want of one of the period."""
    return not result.actual.has_value and result.earlier is not None


def tile_details(
    result: TargetResult, ahead: Ahead | None, year: int, as_of: date, low_coverage_pct: float
) -> tuple[str, ...]:
    """The lines below the number of a tile."""
    definition, target, actual = words.definition_of(result), result.target, result.actual
    period = formats.period(target.period.label)
    if result.earlier is not None and is_earlier(result):
        earlier = formats.period(result.earlier.period.label)
        said = [
            _("Earlier figure: {period}").format(period=words.with_basis(earlier, result.earlier)),
            _("No information: {period}").format(period=period),
            words.incomplete(result.earlier) if result.earlier.missing else "",
        ]
    else:
        basis = (words.period(target, year), words.basis(actual))
        said = [
            words.what_it_is(definition) if actual.value is not None else "",
            ", ".join(text for text in basis if text),
        ]
    said += _promised(target, ahead, definition)
    distance = words.distance(result, definition)
    if distance:
        said.append(_("Distance to the target {distance}").format(distance=distance))
    said += [words.year_before(result, definition), words.demo_words(result, definition)]
    said.append(words.narrowed(definition.headline_where()))
    if not is_earlier(result):
        said.append(words.what_is_missing(result, definition, as_of, low_coverage_pct))
    return tuple(text for text in said if text)


def _promised(target: Target, ahead: Ahead | None, definition: Definition) -> list[str]:
    """The target of the period, else the later one with what it asks; or that there is none."""
    promised = target if target.as_written else ahead.target if ahead is not None else None
    if promised is None:
        return [_("No target of the programme")]
    said = _("Target {period}: {target}").format(
        period=formats.period(promised.period.label), target=words.wording(promised)
    )
    return [said] if promised is target or ahead is None else [said, words.ahead_words(ahead, definition)]


def change_grain(result: TargetResult) -> str | None:
    """The grain of the change of a result; None without one."""
    grain = grain_of(result.target.period.start, result.target.period.end)
    return grain if grain in ("year", "quarter") and result.actual.value is not None else None


def change_words(result: TargetResult, definition: Definition, answer: Answer, grain: str) -> str | None:
    """How a result moved: a year against the year before, a quarter against the four before it."""
    periods = list(answer.rows["period"])
    if result.target.period.label not in periods:
        return None
    at = periods.index(result.target.period.label)
    change = change_against(answer, at, 1 if grain == "year" else 4)
    if change is None:
        return None
    moved = formats.change(change.difference, definition)
    if grain == "year":
        return _("{change} from the year before").format(change=moved)
    if change.periods < 4:
        return _("{change} from the four quarters before, as far as they are complete ({count})").format(
            change=moved, count=change.periods
        )
    return _("{change} from the four quarters before").format(change=moved)


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
        "– No information: {count} target cannot be compared",
        "– No information: {count} targets cannot be compared",
        count,
    ).format(count=count)


def of_other_years(count: int) -> str:
    """How many targets are of other years, for the line that unfolds them."""
    return ngettext("{count} target of other years", "{count} targets of other years", count).format(
        count=count
    )
