"""What the page of projects says of money, lights and milestones, in words; tested by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from indicators.programme.portfolio import (
    DETAIL,
    GROUP,
    ITEM,
    MEMO,
    TOTAL,
    BudgetLine,
    Disagreement,
    Light,
    Milestone,
    Money,
    Portfolio,
)
from indicators.wording import formats
from indicators.wording.translations import N_, _, ngettext
from pages.sheet import Fact, number_block
from pages.text.tables import Cell, Table, Value

#: What a light is about, as the reports call it.
ASPECTS: Mapping[str, str] = {
    "progress": N_("progress"),
    "schedule": N_("schedule"),
    "costs": N_("costs"),
    "output_quality": N_("quality of outputs"),
    "output_scope": N_("scope of outputs"),
    "staff": N_("staff"),
    "risks": N_("risks"),
    "benefits": N_("benefits"),
}
#: A status as the mark of a verdict, for its shape and colour, and its word.
STATUSES: Mapping[str, tuple[str, str]] = {
    "as_planned": ("met", N_("as planned")),
    "deviation": ("not_met", N_("deviation")),
}
LEVELS: Mapping[str, str] = {
    TOTAL: N_("total"),
    GROUP: N_("group"),
    ITEM: N_("item"),
    DETAIL: N_("part of an item"),
    MEMO: N_("counted apart"),
}


def finding(project: str, money: Money | None, milestones: Sequence[Milestone], as_of: date) -> str:
    """A project's money and milestones in two or three sentences."""
    said = []
    if money is None or money.budget is None:
        said.append(_("{project}: no budget is loaded.").format(project=project))
    elif money.actual is None:
        said.append(
            _("{project}: the budget is {budget}. No spending has been reported.").format(
                project=project, budget=formats.euros(money.budget)
            )
        )
    elif money.partial:
        said.append(
            _(
                "{project}: {actual} of spending had been reported by {day}. Of a part of the rows spending or budget is "
                "missing, so it is not known how much of the budget of {budget} is used."
            ).format(
                project=project,
                budget=formats.euros(money.budget),
                actual=formats.euros(money.actual),
                day=formats.day(money.counted_until),
            )
        )
    else:
        said.append(
            _(
                "{project}: of the budget of {budget}, {actual} ({share}) had been used by {day}; by then {elapsed} of the "
                "time had gone by."
            ).format(
                project=project,
                budget=formats.euros(money.budget),
                actual=formats.euros(money.actual),
                share=share(money.used_pct),
                day=formats.day(money.counted_until),
                elapsed=share(money.elapsed_pct(money.counted_until)),
            )
        )
    if milestones:
        late = sum(step.overdue(as_of) for step in milestones)
        reported = sum(step.reported for step in milestones)
        said.append(
            ngettext(
                "{count} milestone: {reported} reported, {late} past its day without a report.",
                "{count} milestones: {reported} reported, {late} past their day without a report.",
                len(milestones),
            ).format(
                count=formats.number(len(milestones)),
                reported=formats.number(reported),
                late=formats.number(late),
            )
        )
    return " ".join(said)


def share(value: float | None) -> str:
    """A share of money or time, or that it is not reported."""
    return not_reported() if value is None else formats.percent(value, 0 if value in (0, 100) else 1)


def euros(value: float | None) -> str:
    """Money, or that it is not reported."""
    return not_reported() if value is None else formats.euros(value)


def used(money: Money) -> str:
    """What has been used, and that it is of a part of the rows where it is."""
    shown = euros(money.actual)
    return f"{shown} ({partly()})" if money.partial else shown


def partly() -> str:
    """The remark on a sum of the rows that are reported, where others are not."""
    return _("partly reported")


def compared(money: Money, text: str) -> str:
    """A share or difference of budget and spending, or that they are not of the same rows."""
    return _("not known") if money.partial else text


def not_reported() -> str:
    """The words where nothing has been reported."""
    return _("not reported")


def investment(code: str | None) -> str:
    """An investment of a plan by its pillar and number; what is written otherwise stays as it is.

    >>> from indicators.wording.translations import in_language
    >>> with in_language("en"):
    ...     investment("pillar_4/investment_1"), investment("Oma"), investment(None)
    ('Pillar 4, investment 1', 'Oma', 'The whole project')
    """
    if not code:
        return _("The whole project")
    named = []
    for part in code.split("/"):
        found = re.fullmatch(r"(pillar|investment)_(\w+)", part)
        if found is None:
            return code
        pattern = _("pillar {number}") if found[1] == "pillar" else _("investment {number}")
        named.append(pattern.format(number=found[2]))
    text = ", ".join(named)
    return formats.capital(text)


def years(written: str) -> str:
    """Years with an en dash between.

    >>> years("2023-2025")
    '2023–2025'
    """
    return written.replace("-", "–")


def level(name: str) -> str:
    """What a row of a budget is in its sums."""
    return _(LEVELS[name]) if name in LEVELS else name


def aspect(name: str) -> str:
    """What a light is about."""
    return _(ASPECTS[name]) if name in ASPECTS else name


def status(light: Light | None) -> tuple[str, str]:
    """The verdict that gives a light its shape and colour, and its word or number."""
    if light is None:
        return "no_data", not_reported()
    if light.progress_pct is not None:
        return "no_data", formats.percent(light.progress_pct, 0)
    if light.status is None:
        return "no_data", not_reported()
    verdict, word = STATUSES.get(light.status, ("not_due", light.status))
    return verdict, _(word) if light.status in STATUSES else word


def aspects(lights: Iterable[Light]) -> list[str]:
    """What the lights are about: the known aspects in their order, then others."""
    there = dict.fromkeys(light.aspect for light in lights)
    return [*(name for name in ASPECTS if name in there), *(name for name in there if name not in ASPECTS)]


def disagreement(found: Disagreement) -> str:
    """A printed sum and what its own rows make."""
    where = ", ".join(
        part
        for part in (investment(found.investment) if found.investment else "", years(found.years))
        if part
    )
    template = (
        _("{where}: the source prints {printed} as the budget in all ({row}); its rows add up to {computed}.")
        if found.what == "budget"
        else _("{where}: the source prints {printed} as used in all ({row}); its rows add up to {computed}.")
    )
    return template.format(
        where=where,
        printed=formats.euros(found.printed),
        row=found.cost_item,
        computed=formats.euros(found.computed),
    )


def odd_period(light: Light) -> str:
    """A report whose printed period ends later than the budget."""
    return _("{where}: the period of the report is printed as {span}, later than the budget's years.").format(
        where=investment(light.investment), span=formats.day_span(light.start, light.end)
    )


def worst_first(found: Sequence[tuple[str, Money]]) -> list[tuple[str, Money]]:
    """Investments by how far their spending is ahead of time, then by budget."""

    def order(one: tuple[str, Money]) -> tuple[float, float]:
        amount = one[1]
        ahead = (
            None if amount.used_pct is None else amount.used_pct - amount.elapsed_pct(amount.counted_until)
        )
        return (float("inf") if ahead is None else -ahead, -(amount.budget or 0))

    return sorted(found, key=order)


def number(known: Portfolio, whole: Money | None, today: date) -> str:
    """The number of a project: the share of its budget that is used, else its budget; its money, time and milestones."""
    facts = []
    heading, shown = _("Milestones"), formats.number(len(known.milestones))
    if whole is not None:
        span = "–".join(map(str, dict.fromkeys((whole.start.year, whole.end.year))))
        budget = _("Budget {years}").format(years=span)
        day = today if whole.actual is None else whole.counted_until
        gone = Fact(_("Elapsed {day}").format(day=formats.day(day)), share(whole.elapsed_pct(day)))
        heading, shown = budget, euros(whole.budget)
        facts = [Fact(_("Used"), not_reported()), gone]
        if whole.actual is not None:
            heading, shown = _("Used of the budget"), compared(whole, share(whole.used_pct))
            left = compared(whole, euros(whole.remaining))
            over = "limit" if whole.remaining is not None and whole.remaining < 0 else ""
            facts = [
                Fact(budget, euros(whole.budget)),
                Fact(_("Used {day}").format(day=formats.day(day)), used(whole)),
                Fact(_("Remaining"), left, over),
                gone,
            ]
    if known.milestones:
        late = sum(step.overdue(today) for step in known.milestones)
        said = (
            _("{late} of {all}")
            .format(late=formats.number(late), all=formats.number(len(known.milestones)))
            .replace(" ", formats.NBSP)
        )
        facts.append(Fact(_("Milestones late without a report"), said, "limit" if late else ""))
    return number_block(heading, shown, (), facts)


def money_lines(name: str, money: Money) -> tuple[str, str, str]:
    """The lines of a tooltip: a name, its budget, its spending."""
    return (
        name,
        _("budget {amount}").format(amount=euros(money.budget)),
        _("used {amount}").format(amount=used(money)),
    )


def money_table(found: Sequence[tuple[str, Money]], today: date, first: str) -> Table:
    """One row per investment or year: budget, used, share, remaining, time gone by."""
    rows = []
    for name, amount in found:
        until = amount.counted_until if amount.actual is not None else today
        elapsed = amount.elapsed_pct(until)
        rows.append(
            (
                name,
                Cell(euros(amount.budget), amount.budget),
                Cell(used(amount), amount.actual),
                Cell(compared(amount, share(amount.used_pct)), amount.used_pct),
                Cell(compared(amount, euros(amount.remaining)), amount.remaining),
                Cell(share(elapsed), elapsed),
                formats.day(until) if amount.actual is not None else not_reported(),
            )
        )
    header = (
        *(first, _("Budget"), _("Used"), _("Used of the budget"), _("Remaining"), _("Elapsed")),
        _("Counted until"),
    )
    return _reported(_("Budget against actual"), header, rows, range(1, 6))


def _reported(
    caption: str, header: Sequence[str], rows: Sequence[Sequence[Value]], right: Iterable[int]
) -> Table:
    """A table without the columns of which nothing is reported in any row."""
    every = Table.of(caption, header, rows, right)
    kept = [
        at for at in range(len(header)) if any(row[at].text not in ("", not_reported()) for row in every.rows)
    ]
    aligned = [place for place, at in enumerate(kept) if every.right[at]]
    return Table.of(
        caption, [header[at] for at in kept], ([row[at] for at in kept] for row in every.rows), aligned
    )


def cost_items_table(lines: Sequence[BudgetLine]) -> Table:
    """One row per row of the budget as the source prints it."""
    order = {name: at for at, name in enumerate(LEVELS)}
    rows = []
    for line in sorted(
        lines, key=lambda line: (line.investment or "", line.years, order.get(line.level, 9), line.cost_item)
    ):
        budget, actual = line.budget_eur, line.actual_eur
        used_pct = None if not budget or actual is None else 100 * actual / budget
        left = None if budget is None or actual is None else budget - actual
        rows.append(
            (
                *(line.cost_item, level(line.level), investment(line.investment), years(line.years)),
                *(Cell(euros(budget), budget), Cell(euros(actual), actual)),
                Cell(
                    _("no budget") if actual is not None and used_pct is None else share(used_pct), used_pct
                ),
                Cell(euros(left), left),
                line.note or "",
            )
        )
    header = (
        *(_("Cost item"), _("Row"), _("Investment"), _("Years"), _("Budget"), _("Used")),
        *(_("Used of the budget"), _("Remaining"), _("Note in the source")),
    )
    return _reported(_("Every row of the budget as printed"), header, rows, range(4, 8))
