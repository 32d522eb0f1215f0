"""How numbers, dates, periods and statuses are written, in every language. Units are those of the definition.

A missing value is never a dash or a zero but the words of its status.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import get_month_names
from babel.numbers import format_decimal

from indicators.catalogue.definition import Definition
from indicators.catalogue.languages import LANGUAGES
from indicators.catalogue.periods import parse_label
from indicators.engine.question import INCOMPLETE, NO_DATA, NO_DENOMINATOR, OK, SUPPRESSED, has_range
from indicators.programme.verdicts import MOST_DECIMALS
from indicators.wording.translations import N_, _, language
from pipelines.warehouse.scales import YES_NO

NBSP = "\u00a0"
MINUS = "\u2212"
_LOCALES = {code: Locale.parse(one.locale) for code, one in LANGUAGES.items()}
#: Above this many days decimals say nothing.
_WHOLE_DAYS_FROM = 10

#: Verdicts of a comparison with a target: mark and word.
VERDICTS: Mapping[str, tuple[str, str]] = {
    "met": ("●", N_("reached")),
    "not_met": ("▲", N_("not reached")),
    "not_due": ("○", N_("cannot be judged yet")),
    "no_data": ("–", N_("no information")),
    "no_target": ("–", N_("no target")),
    "suppressed": ("■", N_("suppressed")),
}
#: Words of the statuses of a result row.
STATUS_WORDS: Mapping[str, str] = {
    SUPPRESSED: N_("suppressed"),
    NO_DATA: N_("no information"),
    NO_DENOMINATOR: N_("nothing to judge"),
    INCOMPLETE: N_("period not complete"),
    OK: N_("complete"),
}


def locale() -> Locale:
    """The Babel locale of the current language."""
    return _LOCALES[language()]


def capital(text: str) -> str:
    """A text with its first letter as a capital.

    >>> capital("keski-Pohjanmaa")
    'Keski-Pohjanmaa'
    """
    return text[:1].upper() + text[1:]


def one_after_another(sentences: Iterable[str]) -> str:
    """Sentences after each other, empty ones left out; an abbreviation's full stop is the sentence's too."""
    return " ".join(text for text in sentences if text).replace("..", ".")


def missing(value: Any) -> bool:
    """Whether a cell of an answer holds no value."""
    return value is None or (isinstance(value, float) and math.isnan(value)) or value != value


def number(value: float, decimals: int = 0) -> str:
    """A number with its digits grouped.

    >>> from indicators.wording.translations import in_language
    >>> with in_language("fi"):
    ...     number(1234.5, 1)
    '1\\xa0234,5'
    """
    # Minus zero is zero.
    return _written(round(value, decimals) + 0.0, decimals, language())


@lru_cache(maxsize=20_000)
def _written(rounded: float, decimals: int, spoken: str) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = format_decimal(rounded, format=pattern, locale=_LOCALES[spoken])
    return text.replace("\u202f", NBSP).replace("-", MINUS)


def signed(value: float, decimals: int = 0) -> str:
    """A number with its sign, also a plus; zero as ±0.

    >>> from indicators.wording.translations import in_language
    >>> with in_language("fi"):
    ...     signed(-3.14, 1), signed(0.04, 1)
    ('−3,1', '±0,0')
    """
    rounded = round(value, decimals)
    if rounded == 0:
        return "±" + number(0, decimals)
    return ("+" if rounded > 0 else MINUS) + number(abs(value), decimals)


def percent(value: float, decimals: int = 1) -> str:
    """A share given as 0–100.

    >>> from indicators.wording.translations import in_language
    >>> with in_language("fi"):
    ...     percent(71.43)
    '71,4\\xa0%'
    """
    return number(value, decimals) + percent_sign()


def separators() -> str:
    """The decimal mark and the mark between thousands, one after the other, as Plotly takes them."""
    marks = locale().number_symbols["latn"]
    return f"{marks['decimal']}{marks['group']}"


def percent_sign() -> str:
    """The per cent sign with the space between it and its number."""
    return str(locale().percent_formats[None].pattern).lstrip("#,0")


def points(value: float, decimals: int = 1) -> str:
    """A difference of two shares, in percentage points and with its sign."""
    return signed(value, decimals) + NBSP + _("pp")


def days(value: float, decimals: int = 1) -> str:
    """A wait in days; decimals only below ten days.

    >>> from indicators.wording.translations import in_language
    >>> with in_language("fi"):
    ...     days(2.5), days(12.4)
    ('2,5\\xa0vrk', '12\\xa0vrk')
    """
    return number(value, 0 if abs(value) >= _WHOLE_DAYS_FROM else decimals) + NBSP + _("d")


def euros(value: float) -> str:
    """Whole euros."""
    pattern = locale().currency_formats["standard"].pattern
    return pattern.replace("#,##0.00", number(value)).replace("¤", "€")


def unit_word(definition: Definition) -> str:
    """The unit of an indicator's values, as an axis is titled."""
    return unit_words(definition.unit)


def unit_words(unit: str) -> str:
    """A unit in words."""
    return {
        "percent": "%",
        "days": _("days"),
        "months": _("months"),
        "count": _("number"),
        "ratio": _("ratio"),
        "points": _("points"),
        "euros": "€",
        "stage": _("stage"),
        "yes_no": _("yes or no"),
    }.get(unit, unit)


def value(amount: float, definition: Definition) -> str:
    """A value in the unit and with the decimals of its definition."""
    if definition.unit == "percent":
        return percent(amount, definition.decimals)
    if definition.unit == "days":
        return days(amount, definition.decimals)
    if definition.unit == "euros":
        return euros(amount)
    if definition.steps:
        return step(amount, definition)
    return number(amount, definition.decimals)


def step(amount: float, definition: Definition) -> str:
    """The step of a number: yes or no, or the stage in the words of its source with its place.

    >>> from dataclasses import replace
    >>> from indicators.catalogue.definition import definition
    >>> from indicators.wording.translations import in_language
    >>> staged = replace(definition("omaolo_services"), unit="stage", steps=("kokeilu", "käyttö"))
    >>> with in_language("fi"):
    ...     step(1, staged), step(0, replace(staged, unit="yes_no", steps=("no", "yes")))
    ('kokeilu (1/2)', 'ei')
    """
    if definition.unit == YES_NO:
        return _("yes") if amount else _("no")
    place = round(amount)
    if not 1 <= place <= len(definition.steps):
        return number(amount, definition.decimals)
    return f"{definition.steps[place - 1]} ({place}/{len(definition.steps)})"


def change(difference: float, definition: Definition) -> str:
    """A difference of two values: shares in percentage points, others in their own unit, always with its sign."""
    if definition.unit == "percent":
        return points(difference, definition.decimals)
    if definition.unit == "days":
        decimals = 0 if abs(difference) >= _WHOLE_DAYS_FROM else definition.decimals
        return signed(difference, decimals) + NBSP + _("d")
    return signed(difference, definition.decimals) + (NBSP + "€" if definition.unit == "euros" else "")


def interval(low: float, high: float, definition: Definition) -> str:
    """The stretch a value lies in, shares in whole per cent, with decimals only where the ends need them.

    They need them where they would read the same, or as 0 or 100 % without being that.

    >>> from indicators.catalogue.definition import definition
    >>> from indicators.wording.translations import in_language
    >>> with in_language("fi"):
    ...     [interval(*ends, definition("seven_day_access")) for ends in ((97.3, 99.3), (98.9, 99.7))]
    ['97–99\xa0%', '98,9–99,7\xa0%']
    """
    if definition.unit != "percent":
        return f"{number(low, definition.decimals)}–{value(high, definition)}"
    return share_interval(low, high)


def share_interval(low: float, high: float) -> str:
    """The ends between which a share lies, with the decimals needed to distinguish them from each other and from 0 and 100."""
    decimals = next(
        (
            tried
            for tried in range(3)
            if round(low, tried) < round(high, tried)
            and (round(low, tried) > 0 or low == 0)
            and (round(high, tried) < 100 or high == 100)
        ),
        3,
    )
    return f"{number(low, decimals)}–{percent(high, decimals)}"


def cell(row: Mapping[str, Any], definition: Definition) -> str:
    """A result row in a table or tooltip: the value, its interval, or why there is none."""
    status = row["status"]
    if status == SUPPRESSED:
        hidden = verdict("suppressed")
        if missing(row.get("low")) or missing(row.get("high")):
            return hidden
        return f"{hidden} ({interval(row['low'], row['high'], definition)})"
    if has_range(row):
        return interval(row["low"], row["high"], definition)
    if missing(row["value"]):
        return status_word(status if status in (NO_DATA, NO_DENOMINATOR) else NO_DATA)
    return value(row["value"], definition)


def short_cell(row: Mapping[str, Any], definition: Definition) -> str:
    """The same as `cell` where there is little room: of a hidden share the mark and the interval."""
    if row["status"] == SUPPRESSED and not missing(row.get("low")) and not missing(row.get("high")):
        return f"{VERDICTS['suppressed'][0]}{NBSP}{interval(row['low'], row['high'], definition)}"
    return cell(row, definition)


def marked(row: Mapping[str, Any], definition: Definition) -> str:
    """The same as `cell`, with the word that the period is not complete where no column of statuses says it."""
    return _with_status(cell(row, definition), row)


def short_marked(row: Mapping[str, Any], definition: Definition) -> str:
    """The same as `marked` where there is little room."""
    return _with_status(short_cell(row, definition), row)


def _with_status(text: str, row: Mapping[str, Any]) -> str:
    return f"{text}, {status_word(INCOMPLETE)}" if row["status"] == INCOMPLETE else text


def count(row: Mapping[str, Any], column: str) -> str:
    """A count of a result row, or the word that says why there is none. What nothing could be judged of has none."""
    if row["status"] == NO_DENOMINATOR:
        return status_word(NO_DENOMINATOR)
    if missing(row.get(column)):
        return status_word(SUPPRESSED if row["status"] == SUPPRESSED else NO_DATA)
    return number(row[column])


def counted(row: Mapping[str, Any], column: str) -> int | None:
    """A count of a result row as a spreadsheet takes it; None where `count` says a word."""
    return None if row["status"] == NO_DENOMINATOR or missing(row.get(column)) else round(row[column])


def coverage(row: Mapping[str, Any]) -> str:
    """The coverage of a result row in whole per cent, or the word that says why there is none."""
    if not missing(row.get("coverage")) and row.get("status") != NO_DENOMINATOR:
        return percent(row["coverage"], 0)
    status = row.get("status")
    return status_word(status if status in (NO_DENOMINATOR, SUPPRESSED) else NO_DATA)


def has_coverage(row: Mapping[str, Any]) -> bool:
    """Whether the coverage of a result row is known."""
    return not missing(row.get("coverage"))


def status_word(status: str) -> str:
    """A status in words."""
    return _(STATUS_WORDS[status])


def elative(count: int) -> str:
    """A count "of" which something is said: in Finnish with the ending that its last word takes, elsewhere as it is.

    The ending follows the vowels of the number's last word: 12:sta (kahdestatoista), 5:stä (viidestä), 20:stä, 100:sta.
    """
    if not LANGUAGES[language()].elative_endings:
        return number(count)
    front = count % 100 not in range(11, 20) and (
        count % 10 in (1, 4, 5, 7, 9) or (count % 10 == 0 and count % 100 != 0)
    )
    return f"{number(count)}:{'stä' if front else 'sta'}"


def verdict(name: str) -> str:
    """A verdict as its mark and its word."""
    return VERDICTS[name][0] + NBSP + verdict_word(name)


def verdict_word(name: str) -> str:
    """The word of a verdict."""
    return _(VERDICTS[name][1])


def day(value: date) -> str:
    """A date in figures: 31.3.2025.

    >>> from indicators.wording.translations import in_language
    >>> with in_language("fi"):
    ...     day(date(2025, 3, 1))
    '1.3.2025'
    """
    return _written_day(value, LANGUAGES[language()].day, language())


@lru_cache(maxsize=20_000)
def _written_day(value: date, pattern: str, spoken: str) -> str:
    return babel_date(value, pattern, locale=_LOCALES[spoken])


def day_and_month(value: date) -> str:
    """A date in figures without its year: 31.3."""
    return _written_day(value, LANGUAGES[language()].first_day, language())


def weekday(value: date) -> str:
    r"""A date with the short name of its weekday before it.

    >>> from indicators.wording.translations import in_language
    >>> with in_language("fi"):
    ...     weekday(date(2025, 9, 2))
    'ti\xa02.9.2025'
    """
    return f"{babel_date(value, 'ccc', locale=locale())}{NBSP}{day(value)}"


def day_span(first: date, last: date) -> str:
    """Two dates, the year of the first left out where it is the same; in Swedish without a full stop before the dash.

    >>> from indicators.wording.translations import in_language
    >>> with in_language("fi"):
    ...     day_span(date(2025, 3, 3), date(2025, 3, 9))
    '3.3.–9.3.2025'
    >>> with in_language("sv"):
    ...     day_span(date(2025, 3, 3), date(2025, 3, 9))
    '3.3–9.3.2025'
    """
    if first == last:
        return day(first)
    written = LANGUAGES[language()]
    pattern = written.first_day if first.year == last.year else written.day
    return written.day_span.format(first=_written_day(first, pattern, language()), last=day(last))


@lru_cache(maxsize=5000)
def _parts(label: str) -> tuple[str, int, int]:
    """Grain, year and number of a period's name; no grain where the name is of no single period."""
    if parse_label(label) is None:
        return "", 0, 0
    year, _dash, rest = label.partition("-")
    if not rest:
        return "year", int(year), 0
    if rest.startswith("W"):
        return "week", int(year), int(rest[1:])
    if rest.startswith("Q"):
        return "quarter", int(year), int(rest[1:])
    return "month", int(year), int(rest)


def period(label: str) -> str:
    """A period's name in words.

    >>> from indicators.wording.translations import in_language
    >>> with in_language("fi"):
    ...     [period(label) for label in ("2025-W10", "2025-03", "2025-Q1", "2025")]
    ['viikko 10/2025', 'maaliskuu 2025', '1. neljännes 2025', '2025']
    """
    grain, year, part = _parts(label)
    if grain == "week":
        return _("week {week}/{year}").format(week=part, year=year)
    if grain == "month":
        return f"{get_month_names('wide', 'stand-alone', locale())[part]} {year}"
    if grain == "quarter":
        return _("quarter {quarter} of {year}").format(quarter=part, year=year)
    return label if grain else _span_words(label)


def in_period(label: str) -> str:
    """A period's name as the words that start a sentence: when something was so.

    >>> from indicators.wording.translations import in_language
    >>> with in_language("fi"):
    ...     [in_period(label) for label in ("2025-W10", "2025-03", "2025-Q1", "2025")]
    ['Viikolla 10/2025', 'Maaliskuussa 2025', 'Vuoden 2025 1. neljänneksellä', 'Vuonna 2025']
    """
    grain, year, part = _parts(label)
    if grain == "week":
        return _("In week {week}/{year}").format(week=part, year=year)
    if grain == "month":
        month = get_month_names("wide", "stand-alone", locale())[part]
        written = LANGUAGES[language()].in_month.format(month=month)
        return capital(_("In {month} {year}").format(month=written, year=year))
    if grain == "quarter":
        return _("In quarter {quarter} of {year}").format(quarter=part, year=year)
    if grain == "year":
        return _("In {year}").format(year=year)
    return _("In the period {span}").format(span=_span_words(label))


def tick(label: str, *, with_year: bool) -> str:
    """A period's name as short as an axis needs it; the year on a line of its own."""
    grain, year, part = _parts(label)
    if grain == "week":
        short = _("wk {week}").format(week=part)
    elif grain == "month":
        short = get_month_names("abbreviated", "stand-alone", locale())[part].rstrip(".")
    elif grain == "quarter":
        short = f"Q{part}"
    else:
        return label if grain else _span_words(label)
    return f"{short}<br>{year}" if with_year else short


def _span_words(label: str) -> str:
    """A stretch of days named by its two dates, of whole months by the first and the last; other names stay as they are.

    >>> from indicators.wording.translations import in_language
    >>> with in_language("fi"):
    ...     [_span_words(label) for label in ("2024-08-01–2025-07-31", "2022-01-01–2022-02-15")]
    ['8/2024–7/2025', '1.1.–15.2.2022']
    """
    first, _dash, last = label.partition("–")
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        return label
    if start.day == 1 and (end + timedelta(days=1)).day == 1:
        return f"{start.month}/{start.year}–{end.month}/{end.year}"
    return day_span(start, end)


def rounded_away(amount: float, limit: float, decimals: int) -> int:
    """How many decimals show that two different numbers differ, at least `decimals`.

    >>> rounded_away(79.96, 80, 1)
    2
    """
    if amount == limit:
        return decimals
    while decimals < MOST_DECIMALS and round(amount, decimals) == round(limit, decimals):
        decimals += 1
    return decimals
