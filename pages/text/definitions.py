"""What every indicator means, what the law demands, what is suppressed and why, in words and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from indicators.catalogue.definition import Definition
from indicators.catalogue.due_dates import DAYS, MONTHS
from indicators.catalogue.labels import code_names, name_of
from indicators.catalogue.limits import SCHOOL_DAYS, UNKNOWN_AGE, Example, Limit, load_examples, load_limits
from indicators.wording import formats
from indicators.wording.translations import N_, _, language, ngettext
from pages.text import names
from pages.text.tables import Table
from pages.ui import cache
from pipelines.settings import Settings

FAMILIES = {
    "completed": (
        N_("Care that was reached"),
        N_("What happened to those who got care, by the day of the visit."),
    ),
    "waiting": (N_("Waiting"), N_("How it stands on a day for those who have not got care yet.")),
    "aggregate": (
        N_("Published and entered figures"),
        N_(
            "Figures that come ready counted from a report or plan, and debts computed from such figures and extracts."
        ),
    ),
}
UNITS = {
    "percent": N_("per cent (0–100)"),
    "days": N_("calendar days"),
    "count": N_("number"),
    "ratio": N_("ratio"),
    "points": N_("points"),
    "euros": N_("euros"),
    "stage": N_("a stage of several"),
    "yes_no": N_("yes or no"),
}
BETTER = {
    "up": N_("A higher value is better."),
    "down": N_("A lower value is better."),
    "none": N_("Neither direction is better as such."),
}
#: How much of the reality a figure sees, by the statistic of its measure.
COVERAGE = {
    "share": N_(
        "Coverage is the share of the rows of which it is known whether they meet the condition. "
        "A share of low coverage is shown with the range it could have if the missing were known."
    ),
    "quantile": N_("Coverage is the share of the rows of which the wait is known; the others are left out."),
    "count": N_("All rows of the definition are counted; there is no coverage."),
    "count_met": N_("Only rows that can be judged count; rows without an assessment date cannot be judged."),
    "distinct_persons": N_("Rows without a person are left out; a person is counted once."),
    "mean": N_(
        "Coverage is the share of the cases whose due day has passed; the mean is of the decided ones among them."
    ),
    "late_persons": N_(
        "A person is counted once in a period; a pathway that had ended by the seventh day is not counted."
    ),
    "open": N_("People are counted once; a pathway that had ended by the day is not counted."),
    "person_share": N_(
        "Coverage is the share of the people of whom it is known whether they meet the condition."
    ),
    "units_covered": N_("Every unit with visits is counted; there is no coverage of its own."),
    "longest": N_("The longest wait is that of the entries whose start is known."),
    "hidden_debt": N_("Only periods that can be compared are in the sum; there is no coverage of its own."),
    "hidden_debt_adjusted": N_(
        "Only periods whose demand can be compared too are in the sum; there is no coverage of its own."
    ),
    "published": N_("The figure is shown as its source gives it; its coverage is not known."),
}
AGES = {"all": N_("all ages"), "0-22": N_("under 23 years"), "23+": N_("23 years and over")}
#: Whom a limit is for besides the age.
CONDITIONS = {
    "": "",
    "over_75_or_allowance": N_("over 75 or the highest care allowance"),
    "referral_or_unknown": N_("with a referral, or not known"),
    "special_support": N_("child in need of special support"),
    "without_referral": N_("first visit without a referral"),
}
EVENTS = {
    "application": N_("application received"),
    "assessment": N_("assessment of the need of care"),
    "assessment_begun": N_("assessment of the need of care begun"),
    "assessment_ready": N_("service-need assessment ready"),
    "assessment_started": N_("service-need assessment started"),
    "contact": N_("contact"),
    "decision": N_("decision"),
    "decision_carried_out": N_("decision carried out"),
    "dentist_need_found": N_("need of a dentist found"),
    "dentist_visit": N_("visit to a dentist"),
    "doctor_visit": N_("visit to a doctor"),
    "first_care_event": N_("first care event"),
    "need_found": N_("need of care found"),
    "need_found_by_dentist": N_("need found by a dentist"),
    "oral_check": N_("oral check of a clinic or school"),
    "other_professional_visit": N_("visit to another professional"),
    "pending": N_("matter becoming pending"),
    "referral_received": N_("referral received"),
    "request": N_("request for a talk"),
    "service_received": N_("service received"),
    "specialist_assessment": N_("assessment by a specialist"),
    "specialist_dentist_visit": N_("visit to a specialist dentist"),
    "talk": N_("talk with a psychologist or school social worker"),
    "therapy_started": N_("therapy started"),
    "urgent_request": N_("urgent request for a talk"),
}
CERTAINTIES = {
    "A": N_("read in a primary source"),
    "B": N_("check: read in a secondary source"),
    "M": N_("check the Act"),
}
#: The letter that a legal basis ends with where it is not sure; the page says it in words.
_LETTER = re.compile(r" \([BM]\)$")
#: Conditions that hold a row against the law.
_BY_LAW = {"within_limit", "over_limit", "judged_by_limit", "service_with_limit"}


def found(search: str) -> list[Definition]:
    """The definitions in which every word looked for is found, in any of their texts."""
    words = search.casefold().split()
    return [d for d in cache.definitions().values() if all(word in searched(d) for word in words)]


def searched(definition: Definition) -> str:
    """The text a definition is looked for in."""
    text = definition.text[language()]
    shown = (definition.id, text.name, text.short, text.what, text.formula, text.source, text.weaknesses)
    return " ".join(shown).casefold()


def by_law(definition: Definition) -> bool:
    """Whether a definition holds rows against the statutory limits."""
    measure = definition.measure
    return not _BY_LAW.isdisjoint({*measure.rows, measure.known, measure.met})


def overdue(definition: Definition, today: date) -> bool:
    """Whether the day by which it was to be looked at again has passed."""
    return definition.review is not None and definition.review < today


def described(definition: Definition, today: date) -> list[tuple[str, str]]:
    """Everything about a definition, as names and values."""
    text = names.text(definition)
    pairs = [
        (_("What is counted"), text.what),
        (_("How it is computed"), text.formula),
        (_("Coverage"), _(COVERAGE[definition.measure.statistic])),
        (_("Source"), text.source),
        (_("Limitations"), text.weaknesses),
    ]
    if by_law(definition):
        pairs.append(
            (
                _("Limits"),
                _("The statutory limit in force on the day of the assessment; see “Statutory limits”."),
            )
        )
    if definition.headline_scope:
        pairs.append((_("Headline on the pages"), scope_words(definition)))
    if definition.dimensions:
        pairs.append(
            (_("Can be split by"), ", ".join(names.dimension(d) for d in definition.dimensions).lower())
        )
    pairs.append((_("Unit of the value"), _(UNITS[definition.unit]) + ". " + _(BETTER[definition.better])))
    if definition.counts_persons:
        pairs.append((_("Privacy"), _("Counts people or their visits: small numbers are suppressed.")))
    if definition.twin:
        pairs.append((_("Shown with"), cache.definitions()[definition.twin].text[language()].name))
    if definition.owner:
        pairs.append((_("Owner"), definition.owner))
    if definition.review is not None:
        review = formats.day(definition.review)
        if overdue(definition, today):
            review += " – " + _("the day has passed: check the definition")
        pairs.append((_("Looked at again by"), review))
    return [*pairs, (_("Name in the command line"), definition.id)]


def scope_words(definition: Definition) -> str:
    """What the headline of an indicator is limited to, in words."""
    return "; ".join(
        f"{names.dimension(dimension)}: {', '.join(name_of(dimension, code, language()) for code in codes)}"
        for dimension, codes in definition.headline_scope.items()
    )


def limit_words(limit: Limit) -> str:
    """A limit's length in words.

    >>> from indicators.wording.translations import in_language
    >>> with in_language("en"):
    ...     limit_words(load_limits()[0])
    '3 months'
    """
    if limit.value is None:
        return _("length not known: check the Act")
    count = formats.number(limit.value)
    if limit.unit in (DAYS, MONTHS):
        forms = {
            DAYS: ngettext("{count} day", "{count} days", limit.value),
            MONTHS: ngettext("{count} month", "{count} months", limit.value),
        }
        return forms[limit.unit].format(count=count)
    if limit.unit == SCHOOL_DAYS:
        return _("by the {count}. working day of the school").format(count=count)
    return _("by the {count}. weekday").format(count=count) if limit.value else _("the same weekday")


def force_words(limit: Limit) -> str:
    """When a limit is in force."""
    if limit.valid_from == date.min:
        if limit.valid_to is None:
            return _("until further notice")
        return _("until {day}").format(day=formats.day(limit.valid_to))
    if limit.valid_to is None:
        return _("from {day}").format(day=formats.day(limit.valid_from))
    return formats.day_span(limit.valid_from, limit.valid_to)


def events_words(limit: Limit) -> str:
    """From which event to which a limit runs."""
    return _(EVENTS[limit.start_event]) + " → " + _(EVENTS[limit.stop_event])


def service_words(limit: Limit) -> str:
    """What a limit's service is called; some are in no data."""
    domain = "limit_service" if ("limit_service", limit.service) in code_names() else "service"
    return name_of(domain, limit.service, language())


def whom_words(limit: Limit) -> str:
    """Whom a limit is for: the ages, and what must hold besides."""
    ages, condition = _(AGES[limit.age_group]), CONDITIONS[limit.condition]
    if not condition:
        return ages
    return _(condition) if limit.age_group == "all" else f"{ages}, {_(condition)}"


def limits_table(limits: Iterable[Limit], caption: str, *, basis: bool = False) -> Table:
    """Limits as a table, in the order given; `basis` adds the legal basis."""
    rows = [
        (
            service_words(limit),
            events_words(limit),
            limit_words(limit),
            whom_words(limit),
            force_words(limit),
            _(CERTAINTIES[limit.certainty]),
            *([_LETTER.sub("", limit.legal_basis)] * basis),
        )
        for limit in limits
    ]
    header = (
        *(_("Service"), _("From → to"), _("Limit"), _("For whom"), _("In force")),
        *(_("How sure"), *([_("Legal basis")] * basis)),
    )
    return Table.of(caption, header, rows)


def examples_of(service: str) -> list[Example]:
    """The examples of a service, by rule in the order of its limits and then by day, the newest first."""
    mine = [one for one in load_examples() if one.service == service]
    rules = list(
        dict.fromkeys((limit.start_event, limit.stop_event) for limit in limits_by_service()[service])
    )
    order = {rule: place for place, rule in enumerate(rules)}
    return sorted(
        mine,
        key=lambda one: (
            *(order[one.start_event, one.stop_event], one.condition),
            *(-one.start_on.toordinal(), one.age),
        ),
    )


def age_words(example: Example) -> str:
    """The age an example is of, and what else holds of it."""
    if example.age in AGES:
        ages = _(AGES[example.age])
    elif example.age == UNKNOWN_AGE:
        ages = _("age not known")
    else:
        years = int(example.age)
        ages = ngettext("{count} year", "{count} years", years).format(count=formats.number(years))
    condition = CONDITIONS[example.condition]
    return f"{ages}, {_(condition)}" if condition else ages


def examples_table(examples: Iterable[Example], eves_are_weekdays: bool) -> Table:
    """Examples as a table: what the rules make of them, which the tests hold against the same examples."""
    rows = []
    for one in examples:
        limit = one.found()
        last = limit and limit.last_day(one.start_on, eves_are_weekdays)
        rows.append(
            (
                formats.weekday(one.start_on),
                age_words(one),
                limit_words(limit) if limit else _("no limit"),
                formats.weekday(last) if last else "–",
                _(EVENTS[one.start_event]) + " → " + _(EVENTS[one.stop_event]),
            )
        )
    header = (_("Day of the first event"), _("Age"), _("Limit"), _("Last day allowed"), _("From → to"))
    return Table.of(_("Examples at the boundaries"), header, rows)


def limits_by_service() -> dict[str, list[Limit]]:
    """The limits of each service: rule by rule, the newest first."""
    found: dict[str, list[Limit]] = {}
    for limit in load_limits():
        found.setdefault(limit.service, []).append(limit)
    for limits in found.values():
        rules = list(dict.fromkeys(limit.limit for limit in limits))
        limits.sort(
            key=lambda one, rules=rules: (
                *(rules.index(one.limit), one.condition),
                *(-one.valid_from.toordinal(), one.age_group),
            )
        )
    return found


def notes_of(limits: Iterable[Limit]) -> list[str]:
    """What the limits cover and what must still be checked, each said once."""
    return list(dict.fromkeys(limit.note[language()] for limit in limits if limit.note[language()]))


def thresholds(settings: Settings) -> list[tuple[str, str]]:
    """The thresholds of this installation, as names and values."""
    return [
        (_("Counts of people that are suppressed"), f"1–{settings.hide_below - 1}"),
        (
            _("A share with a small side is suppressed below"),
            _("{count} cases; from there its range is shown").format(
                count=formats.number(settings.share_min_n)
            ),
        ),
        (
            _("Spread of the random difference in other counts (standard deviation)"),
            formats.number(settings.count_noise),
        ),
        (_("A median needs"), cases(settings.median_min_n)),
        (_("A 90th percentile needs"), cases(settings.p90_min_n)),
        (_("A longest wait needs a queue of"), cases(settings.longest_min_queue)),
        (_("Coverage is low below"), formats.percent(settings.low_coverage_pct, 0)),
        (
            _("A health centre's guarantee is monitored from a coverage of"),
            formats.percent(settings.monitoring_min_coverage_pct, 0),
        ),
    ]


def cases(count: int) -> str:
    """A least number of cases."""
    return ngettext("at least {count} case", "at least {count} cases", count).format(
        count=formats.number(count)
    )


def privacy_rules(settings: Settings) -> Mapping[str, str]:
    """What is hidden and why, by heading."""
    return {
        _("Small numbers"): _(
            "In the shareable view counts of people and their visits from 1 to {most} are suppressed, so that nobody can "
            "be recognised, and at random some slightly larger ones. Zero is shown. The rule is the same in charts, "
            "tables, sentences and downloads."
        ).format(most=settings.hide_below - 1),
        _("Shares"): _(
            "Where a share has few cases on one side, the range that follows from the suppressed "
            "number is shown instead, and it is judged only if the whole range is on one side of the "
            "target."
        ),
        _("Other counts"): _(
            "Every other count in the shareable view differs from the true one by a few at random, mostly by less than "
            "{most}. The same cases always give the same number, so repeating a question tells nothing more, and a "
            "suppressed number does not follow from totals. Shares, means and verdicts are computed from these counts."
        ).format(most=formats.number(2 * settings.count_noise)),
        _("What the rule cannot do"): _(
            "Groups need not add up exactly to their total. Whoever compares very many differently filtered answers can "
            "still narrow a suppressed number: that is why views and downloads are logged."
        ),
        _("Persons"): _(
            "Identity codes are replaced with pseudonyms while a file is read, before anything is "
            "written. Of dates of birth only the age group is stored. Single rows are never shown."
        ),
    }
