"""What every indicator means, what the law demands, what is hidden and why: written from the definitions themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

import streamlit as st

from indicators.catalogue.definition import Definition
from indicators.catalogue.due_dates import DAYS, MONTHS
from indicators.catalogue.labels import code_names, name_of
from indicators.catalogue.limits import SCHOOL_DAYS, UNKNOWN_AGE, Example, Limit, load_examples, load_limits
from pages.text import formats, names
from pages.text.markup import plain
from pages.text.tables import Cell, Table
from pages.text.translations import N_, _, language, ngettext
from pages.ui import cache, components
from pages.ui.indicator_choice import SHIPPED, by_group, choose_group, group_name, group_of
from pages.ui.markup import table_html
from pipelines.settings import Settings

#: The address parameters: one indicator, and the words looked for.
INDICATOR, SEARCH = "mittari", "haku"

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
        "Coverage is the share of the rows of which it is known whether they meet the condition. Beside a share of low "
        "coverage stands the range it could have if the missing were known."
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
#: Whom a limit is for beside the age.
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
        (_("What it cannot tell"), text.weaknesses),
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
        pairs.append((_("Privacy"), _("Counts people or their visits: small numbers are hidden.")))
    if definition.twin:
        pairs.append((_("Shown beside"), cache.definitions()[definition.twin].text[language()].name))
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


# The law


def limit_words(limit: Limit) -> str:
    """A limit's length in words.

    >>> from pages.text.translations import in_language
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
        tuple(
            Cell(text, text)
            for text in (
                service_words(limit),
                events_words(limit),
                limit_words(limit),
                whom_words(limit),
                force_words(limit),
                _(CERTAINTIES[limit.certainty]),
                *([_LETTER.sub("", limit.legal_basis)] if basis else []),
            )
        )
        for limit in limits
    ]
    header = (
        *(_("Service"), _("From → to"), _("Limit"), _("For whom"), _("In force")),
        *(_("How sure"), *([_("Legal basis")] if basis else [])),
    )
    return Table(header, tuple(rows), (False,) * len(header), caption)


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
    ages = _age_words(example)
    condition = CONDITIONS[example.condition]
    return f"{ages}, {_(condition)}" if condition else ages


def _age_words(example: Example) -> str:
    if example.age in AGES:
        return _(AGES[example.age])
    if example.age == UNKNOWN_AGE:
        return _("age not known")
    years = int(example.age)
    return ngettext("{count} year", "{count} years", years).format(count=formats.number(years))


def examples_table(examples: Iterable[Example], eves_are_weekdays: bool) -> Table:
    """Examples as a table: what the rules make of them, which the tests hold against the same examples."""
    rows = []
    for one in examples:
        limit = one.found()
        last = limit and limit.last_day(one.start_on, eves_are_weekdays)
        texts = (
            formats.weekday(one.start_on),
            age_words(one),
            limit_words(limit) if limit else _("no limit"),
            formats.weekday(last) if last else "–",
            _(EVENTS[one.start_event]) + " → " + _(EVENTS[one.stop_event]),
        )
        rows.append(tuple(Cell(text, text) for text in texts))
    header = (_("Day of the first event"), _("Age"), _("Limit"), _("Last day allowed"), _("From → to"))
    return Table(header, tuple(rows), (False,) * len(header), _("Examples at the boundaries"))


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


# Privacy and thresholds


def thresholds(settings: Settings) -> list[tuple[str, str]]:
    """The thresholds of this installation, as names and values."""
    return [
        (_("Counts of people that are hidden"), f"1–{settings.hide_below - 1}"),
        (
            _("A share with a small side is hidden below"),
            _("{count} cases; from there its range is shown").format(
                count=formats.number(settings.share_min_n)
            ),
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
            "Counts of people and their visits from 1 to {most} are hidden, so that nobody can be recognised. Zero is "
            "shown. The rule is the same in charts, tables, sentences and downloads."
        ).format(most=settings.hide_below - 1),
        _("Shares"): _(
            "Where a share has few cases on one side, the range that follows from the hidden number is shown instead, "
            "and it is judged only if the whole range is on one side of the target."
        ),
        _("Totals"): _(
            "Where one part of a total is hidden, a second one is hidden too, so that the first cannot be worked out."
        ),
        _("What the rule cannot do"): _(
            "Comparing many differently filtered answers can still narrow a hidden number. That is why downloads are "
            "logged."
        ),
        _("Persons"): _(
            "Identity codes are replaced with pseudonyms while a file is read, before anything is written. Of dates of "
            "birth only the age group is kept. Single rows are never shown."
        ),
    }


# The page


def show_definition(definition: Definition, today: date, *, opened: bool) -> None:
    """One definition, to be opened."""
    text = names.text(definition)
    late = " · " + _("review due") if overdue(definition, today) else ""
    with st.expander(f"{plain(text.name)}{late}", expanded=opened, key=f"definition-{definition.id}"):
        components.facts(described(definition, today))
        if not opened:
            components.link("definitions", _("Link to this definition"), {INDICATOR: definition.id})


def show_definitions(today: date) -> None:
    """The definitions looked for, by family."""
    one = cache.definitions().get(st.query_params.get(INDICATOR, ""))
    if one is not None:
        show_definition(one, today, opened=True)
        components.link("definitions", _("All definitions"))
        return
    if INDICATOR in st.query_params:
        components.empty(
            _("There is no such indicator"),
            _("The address names an indicator that is not defined. All are below."),
        )
    search = st.text_input(
        _("Search the definitions"),
        key=SEARCH,
        bind="query-params",
        type="search",
        placeholder=_("for example: dentist, queue, coverage"),
        icon=":material/search:",
    )
    matching = found(search or "")
    if not matching:
        components.empty(
            _("No definition has these words"),
            _("Try fewer or other words, or clear the search to see all of them."),
        )
        return
    components.note(
        ngettext("{count} definition", "{count} definitions", len(matching)).format(
            count=formats.number(len(matching))
        )
    )
    for family, (title, lead) in FAMILIES.items():
        members = sorted(
            (d for d in matching if d.family == family and group_of(d) == SHIPPED),
            key=lambda d: names.text(d).name.casefold(),
        )
        if members:
            st.subheader(_(title) + f" ({formats.number(len(members))})", anchor=False)
            components.note(_(lead))
            for definition in members:
                show_definition(definition, today, opened=len(matching) == 1)
    show_measures([d for d in matching if group_of(d) != SHIPPED], today, every=bool(search))


def show_measures(matching: list[Definition], today: date, *, every: bool) -> None:
    """The measures of the plans: those of one subject, or `every` one where words are looked for."""
    if not matching:
        return
    st.subheader(_("Measures of plans and reports") + f" ({formats.number(len(matching))})", anchor=False)
    components.note(
        _(
            "Defined as data, not in the software: their figures are entered or loaded from a file. Choose a subject."
        )
    )
    groups = by_group(matching)
    shown = list(groups) if every else [choose_group(groups, next(iter(groups)))]
    for group in shown:
        if every:
            st.markdown(f"**{plain(group_name(group))}**")
        for definition in groups[group]:
            show_definition(definition, today, opened=every and len(matching) == 1)


def show_limits(today: date, settings: Settings) -> None:
    """What the law demands, with dates."""
    components.section(
        _("Statutory limits"),
        _(
            "The limit of a case is the one in force on the day of its assessment, for the service and the age on that "
            "day. The day of the assessment is day 0; months are calendar months. The law does not say on which day the "
            "age is looked at, nor what holds for a wait that a change of the law falls into: we use the day of the "
            "assessment for both."
        ),
    )
    components.note(
        _(
            "Seven days (80 % by the end of 2025) are a target of Finland's sustainable growth programme, not a statutory "
            "limit."
        )
    )
    services = limits_by_service()
    now = [limit for limits in services.values() for limit in limits if limit.in_force(today)]
    with st.container(key="limits_now"):
        components.uncut_tables("limits_now")
        st.html(table_html(limits_table(now, _("In force on {day}").format(day=formats.day(today)))))
    components.note(
        _(
            "Earlier limits, the legal basis, what a limit covers, and examples on both sides of every day on which a limit "
            "changes:"
        )
    )
    for limits in services.values():
        with st.expander(
            ngettext(
                "{service}: {count} limit, with notes", "{service}: {count} limits, with notes", len(limits)
            ).format(service=service_words(limits[0]), count=formats.number(len(limits))),
            key=f"limits-{limits[0].service}",
        ):
            st.html(table_html(limits_table(limits, _("Now and before, the newest first"), basis=True)))
            for note in notes_of(limits):
                components.note(note)
            st.html(table_html(examples_table(examples_of(limits[0].service), settings.eves_are_weekdays)))
            review = min(limit.review for limit in limits)
            components.note(
                _("Looked at again by {day}.").format(day=formats.day(review))
                if review >= today
                else _("The limits should have been looked at again by {day}.").format(
                    day=formats.day(review)
                )
            )
    whole = [limit for limits in services.values() for limit in limits]
    components.download(limits_table(whole, "", basis=True), "limits", what="statutory limits")


def show_privacy(settings: Settings) -> None:
    """What is hidden, and the thresholds of this installation."""
    components.section(_("What is hidden and why"))
    components.facts(privacy_rules(settings).items())
    st.subheader(_("Thresholds of this installation"), anchor=False)
    components.facts(thresholds(settings))


def show() -> None:
    """The page."""
    today, settings = cache.today(), cache.settings()
    late = [d for d in cache.definitions().values() if overdue(d, today)]
    count = len(cache.definitions())
    finding = ngettext("{count} indicator is defined.", "{count} indicators are defined.", count).format(
        count=formats.number(count)
    )
    if late:
        finding += " " + ngettext(
            "The review of {count} of them is overdue.",
            "The review of {count} of them is overdue.",
            len(late),
        ).format(count=formats.number(len(late)))
    components.heading(_("Definitions"), finding)
    indicators, limits, privacy = st.tabs(
        [_("Indicators"), _("Statutory limits"), _("What is hidden and why")]
    )
    with indicators:
        show_definitions(today)
    with limits:
        show_limits(today, settings)
    with privacy:
        show_privacy(settings)


components.guarded(show)
