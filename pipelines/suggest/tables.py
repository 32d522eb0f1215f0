"""A first mapping for a table of numbers: queue counts, or figures.

Columns of names divide the numbers. One that shares out what a row counts (age, sex, a band) is added up, or the row of
its total is taken; the others name units.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipelines.checking.codes import our_codes
from pipelines.suggest.bands import beyond_limit, holds_bands, is_band, series_of_bands
from pipelines.suggest.columns import Column, words_match
from pipelines.suggest.date_forms import MOSTLY
from pipelines.suggest.facts import Facts
from pipelines.suggest.periods import Periods
from pipelines.suggest.words import area_codes, is_measure, is_total, word_lists
from pipelines.suggest.writing import Draft, quoted
from pipelines.warehouse.scales import fold

_WIDE = 2
#: So many columns of numbers that are called like nothing known are a list of units.
_MANY = 3
#: What a column of numbers may be called that is no unit.
#: Words for per cent.
_SHARES = ("percent", "per cent", "percentage", "pct", "prosentti", "andel", "osuus", "share", "procent")
#: How near a share must be to that of its parts, with a decimal.
_NEAR = 0.06
_ROLES = ("waiting", "over_limit", "value", "numerator", "denominator")


class Table:
    """One table of numbers, and how a mapping for it comes about."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.numbers = [
            c
            for c in facts.columns
            if c.is_number and not c.form and not c.has_zeros_in_front and not facts.called(c, "code")
        ]
        self.bands = [facts.column(h) for h in series_of_bands([c.header for c in self.numbers])]
        self.names = [
            c
            for c in facts.columns
            if c.texts
            and not (c.form or c.has_identity_codes or c in self.numbers or facts.called(c, "note"))
        ]
        self.draft_ = Draft("figures")

    def draft(self) -> Draft:
        facts, periods = self.facts, Periods(self.facts, [c for c in self.numbers if c not in self.bands])
        wide = periods.of_headers()
        units = [] if wide or self.bands else self._units_of_headers()
        counted = self._counts_waiting(bool(wide or units))
        draft = self.draft_ = Draft("queue_counts" if counted else "figures")
        if facts.blank_below:
            draft.fill_down = facts.blank_below
        if wide:
            periods.unpivot(draft, wide)
        else:
            periods.of_rows(draft)
        if units:
            self._unpivot_units(units)
        self._area()
        service = self._service()
        if counted:
            self._counts(made=bool(wide or units), service=service)
        else:
            self._figures(made=bool(wide or units))
        return draft

    # --- what the numbers are ---

    def _counts_waiting(self, made: bool) -> bool:
        facts = self.facts
        words = word_lists()["words"]["waiting"]
        named = any(words_match(c.header, words) for c in self._plain_numbers())
        of_time = [c for c in self.names if holds_bands(c.texts)]
        if named or any(is_band(c.header) for c in self.bands) or of_time or self._measures():
            return True
        shares = [c for c in self.numbers if is_measure(c.header) or _is_percent(c)]
        return facts.named_in_titles("waiting") and (made or bool(self.bands) or not shares)

    def _measures(self) -> tuple[Column, list[str], list[str]] | None:
        """The column of what each row counts: its texts for all who wait, and for those over a limit."""
        lists = word_lists()
        for column in self.names:
            plain = [t for t in column.texts if not is_measure(t)]
            over = [t for t in plain if words_match(t, lists["fields"]["over_limit"]) and _has_limit(t)]
            whole = [t for t in plain if t not in over and words_match(t, lists["words"]["waiting"])]
            matching = len(column.texts) - len(plain) + len(over) + len(whole)
            if len(whole) == 1 and _WIDE <= matching == len(column.texts):
                return column, whole, over
        return None

    def _plain_numbers(self) -> list[Column]:
        """The columns of numbers of things: no bands, no shares, no lengths of time, no totals of units."""
        return [
            c for c in self.numbers if c not in self.bands and not is_measure(c.header) and not _is_percent(c)
        ]

    def _units_of_headers(self) -> list[Column]:
        """The columns of numbers whose headers are names of units, areas or services."""
        fields = word_lists()["fields"]
        found = [c for c in self.numbers if not is_total(c.header)]
        called = [
            c
            for c in found
            if is_measure(c.header) or any(words_match(c.header, fields[role]) for role in _ROLES)
        ]
        return found if len(found) >= _MANY and not called else []

    def _unpivot_units(self, units: Sequence[Column]) -> None:
        facts, draft = self.facts, self.draft_
        headers = [c.header for c in units]
        known = next(
            (d for d in ("area", "service") if facts.known_by_name(d, Column("", tuple(headers), 0, 0))), None
        )
        name, value = facts.new(known or "unit"), facts.new("number")
        draft.unpivot(headers, name, value)
        draft.columns[known or ("unit" if draft.dataset == "queue_counts" else "area")] = name
        if known:
            facts.meanings(draft, known, Column(name, tuple(headers), 0, 0))

    # --- what the names are ---

    def _area(self) -> None:
        facts, draft = self.facts, self.draft_
        if "area" in draft.columns:
            return
        for column in self.names:
            if column.header not in draft.used and facts.known_by_name("area", column):
                draft.take("area", column)
                codes, twice = area_codes(column.texts)
                draft.values["area"] = codes
                if twice:
                    draft.leave_out(column.header, twice)
                return
        of_codes = facts.best("area", lambda c: set(c.texts) <= our_codes("area") and c.texts, draft.used)
        if of_codes is not None:
            draft.take("area", of_codes)

    def _service(self) -> Column | None:
        facts, draft = self.facts, self.draft_
        for column in self.names:
            if column.header not in draft.used and facts.known_by_name("service", column):
                draft.take("service", column)
                facts.meanings(draft, "service", column)
                self._without_totals(column)
                draft.values["service"] = {
                    t: c for t, c in draft.values["service"].items() if not is_total(t)
                }
                draft.unknown["service"] = tuple(
                    t for t in draft.unknown.get("service", ()) if not is_total(t)
                )
                return column
        return None

    def _without_totals(self, column: Column) -> None:
        totals = [t for t in column.texts if is_total(t)]
        if totals and len(totals) < len(column.texts):
            self.draft_.leave_out(column.header, totals)

    def _shares_out(self, column: Column) -> bool:
        """Whether a column divides what is counted in one unit: age, sex, a band of waiting."""
        return self.facts.called(column, "share_out") or holds_bands(column.texts)

    def _divided(self) -> tuple[list[Column], list[Column]]:
        """Return the columns of names that rows differ by: those that name units, and those that share out a whole."""
        left = [c for c in self.names if c.header not in self.draft_.used and len(c.texts) > 1]
        shares = [c for c in left if self._shares_out(c)]
        codes = [c for c in left if any(_determines(c, one) and _determines(one, c) for one in shares)]
        others = sorted((c for c in left if c not in (*shares, *codes)), key=self._tier)
        # A column that numbers the rows identifies no units.
        others = [c for c in others if not (c.is_key and self._is_code(c))] or others
        units: list[Column] = []
        for column in others:
            if not any(_determines(one, column) for one in units):
                units.append(column)
        return units, shares

    def _tier(self, column: Column) -> tuple[int, bool, int]:
        """Units before specialties before others; of a code and its name the name first, then the finer division."""
        fields = word_lists()["fields"]
        tier = 0 if words_match(column.header, fields["unit"]) else 1
        if tier and not words_match(column.header, fields["specialty"]):
            tier = 2
        return tier, self._is_code(column), -len(column.texts)

    def _is_code(self, column: Column) -> bool:
        return self.facts.called(column, "code") or column.is_number

    def _take_totals(self, shares: Sequence[Column]) -> list[Column]:
        """Take the rows of totals of the columns that have some; return the other columns."""
        left = []
        for column in shares:
            totals = [t for t in column.texts if is_total(t)]
            if totals:
                self.draft_.taken[column.header] = totals[:1]
                self.draft_.used.add(column.header)
            else:
                left.append(column)
        return left

    # --- counts of queues ---

    def _counts(self, made: bool, service: Column | None) -> None:
        facts, draft = self.facts, self.draft_
        if "area" not in draft.columns:
            facts.constant(draft, "area", facts.settings.default_area)
        measures = self._measures()
        if measures is not None:
            draft.used.add(measures[0].header)
        units, shares = self._divided()
        self._unit(units, service)
        if service is None and "service" not in draft.columns:
            facts.undecided(draft, "service")
        if made:
            draft.columns.setdefault("waiting", draft.cell or "")
        else:
            self._numbers_of_queue()
        if measures is not None:
            self._group_measures(*measures)
            return
        left = self._take_totals(shares)
        if made:
            return
        if not self._group(left):
            waiting = draft.columns.get("waiting", "")
            column = next((c for c in self.numbers if c.header == waiting), None)
            if column is not None and (column.filled < column.rows or column.marks):
                draft.where.append(quoted(waiting))

    def _unit(self, units: Sequence[Column], service: Column | None) -> None:
        facts, draft = self.facts, self.draft_
        if "unit" in draft.columns:
            return
        for column in units:
            self._without_totals(column)
        if len(units) > 1 and all(facts.joins(c) for c in units):
            name = facts.new("unit")
            matching = [c for c in facts.columns if c in units]
            draft.joins[name] = ", ".join("{" + c.header + "}" for c in matching)
            draft.columns["unit"] = name
            draft.used |= {c.header for c in units}
        elif units:
            draft.take("unit", units[0])
        else:
            single = facts.best("unit", lambda c: c in self.names, draft.used)
            if single is not None:
                draft.take("unit", single)
            elif service is not None:
                # What has the meaning of a service is the finest name there is.
                draft.columns["unit"] = service.header
            else:
                facts.undecided(draft, "unit")

    def _numbers_of_queue(self) -> None:
        facts, draft = self.facts, self.draft_
        plain = [c for c in self._plain_numbers() if c.header not in draft.used]
        words = word_lists()["fields"]
        over = [
            c
            for c in plain
            if not is_total(c.header) and words_match(c.header, words["over_limit"]) and _has_limit(c.header)
        ]
        whole = [c for c in plain if c not in over]
        totals = [c for c in whole if is_total(c.header)] or _sums_of_others(whole)
        if self.bands and not totals:
            name = facts.new("waiting")
            draft.columns["waiting"] = name
            draft.adds[name] = [c.header for c in self.bands]
            draft.add_note = facts.say("bands")
        else:
            waiting = facts.best("waiting", lambda c: c in (totals or whole))
            waiting = waiting or next(iter(totals or whole), None)
            if waiting is None:
                facts.undecided(draft, "waiting")
            else:
                draft.take("waiting", waiting)
        draft.used |= {c.header for c in self.bands}
        beyond = beyond_limit([c.header for c in self.bands]) if not over else []
        if beyond:
            name = facts.new("beyond")
            draft.adds[name] = beyond
            draft.beyond = name
        if len(over) == 1:
            draft.take("over_limit", over[0])
        elif over:
            matching = ", ".join(quoted(c.header) for c in over)
            draft.columns_notes.append(f"# over_limit = {matching}   # {facts.say('several')}")

    def _group(self, shares: Sequence[Column]) -> bool:
        """Where several rows are of the same day, unit and service, they are parts of one count."""
        draft, facts = self.draft_, self.facts
        keys = [draft.columns[n] for n in ("snapshot_on", "area", "unit", "service") if n in draft.columns]
        parts = {header: facts.columns_in(text) for header, text in draft.joins.items()}
        headers = [header for key in keys for header in parts.get(key, (key,))]
        known = {c.header: c for c in facts.columns}
        if not set(headers) <= set(known) or not _repeats(
            [known[h] for h in dict.fromkeys(headers)], draft.selected_rows(known)
        ):
            return False
        for name in ("waiting", "over_limit"):
            if name in draft.columns:
                new = facts.new(f"{name}_sum")
                draft.sums[new] = draft.columns[name]
                draft.columns[name] = new
        if draft.beyond is not None:
            draft.sums[f"{draft.beyond}_sum"], draft.beyond = draft.beyond, f"{draft.beyond}_sum"
        self._beyond_in_rows(shares)
        draft.group_by = list(dict.fromkeys(keys))
        draft.group_note = facts.say("group")
        draft.used |= {c.header for c in shares}
        return True

    def _beyond_in_rows(self, shares: Sequence[Column]) -> None:
        """Those beyond half a year, where the rows of a group are of bands."""
        draft = self.draft_
        for column in shares:
            beyond = beyond_limit(column.texts)
            if beyond and "over_limit" not in draft.columns and draft.beyond is None:
                draft.beyond = self.facts.new("beyond")
                draft.sums[draft.beyond] = draft.sums[draft.columns["waiting"]]
                draft.sums_when[draft.beyond] = (column.header, beyond)

    def _group_measures(self, column: Column, whole: Sequence[str], over: Sequence[str]) -> None:
        """Rows that count different things become one."""
        draft, facts = self.draft_, self.facts
        number = draft.columns["waiting"]
        # A number that is not known stays in its group: what it counts is unknown, not 0.
        draft.where = [one for one in draft.where if one != quoted(number)]
        for name, texts in (("waiting", whole), ("over_limit", over[:1])):
            if texts:
                new = facts.new(f"{name}_sum")
                draft.columns[name] = new
                draft.sums[new] = number
                draft.sums_when[new] = (column.header, list(texts))
        keys = [draft.columns[n] for n in ("snapshot_on", "area", "unit", "service") if n in draft.columns]
        draft.group_by = list(dict.fromkeys(keys))
        draft.group_note = facts.say("group")

    # --- figures ---

    def _figures(self, made: bool) -> None:
        facts, draft = self.facts, self.draft_
        names, shares = self._divided()
        self._indicator()
        names = [c for c in names if c.header not in draft.used]
        if "area" not in draft.columns:
            area = facts.best("area", lambda c: c in names) or next(
                (c for c in names if self._tier(c)[0] == 0), next(iter(names), None)
            )
            if area is not None:
                draft.take("area", area)
                self._without_totals(area)
                draft.assumed.add("area")
                names = [c for c in names if c is not area]
            else:
                facts.constant(draft, "area", facts.settings.default_area)
        left = self._take_totals([*names, *shares])
        if not made:
            self._values()
        else:
            draft.columns["value"] = draft.cell or ""
        if left and self._still_repeats():
            draft.notes.append(f"# {facts.say('rows_differ', columns=facts.unused_names(left))}")
        value = draft.columns.get("value")
        if not made and value is not None and self._is_share(facts.column(value)):
            facts.constant(draft, "unit", "percent")

    def _is_share(self, column: Column) -> bool:
        titles = [column.header, *self.facts.titles]
        if (indicator := self.draft_.columns.get("indicator")) is not None:
            titles += self.facts.column(indicator).texts
        return _is_percent(column) or any("%" in t or words_match(t, _SHARES) for t in titles)

    def _indicator(self) -> None:
        facts, draft = self.facts, self.draft_
        indicator = facts.best("indicator", lambda c: c in self.names, draft.used)
        if indicator is None:
            facts.undecided(draft, "indicator")
            return
        # Of a code and its title the other one has the same meaning.
        draft.take("indicator", indicator)
        draft.used |= {
            c.header for c in self.names if _determines(indicator, c) and _determines(c, indicator)
        }
        unknown = [t for t in indicator.texts if t not in our_codes("indicator")]
        draft.unknown["indicator"] = tuple(unknown)
        draft.possible["indicator"] = [facts.say("values")]

    def _values(self) -> None:
        facts, draft = self.facts, self.draft_
        numbers = [c for c in self.numbers if c.header not in draft.used]
        plain = self._plain_numbers()
        value = facts.best("value", lambda c: c in numbers and (c not in plain or not is_measure(c.header)))
        parts = self._parts_of(value)
        numerator, denominator = parts or (
            facts.best("numerator", lambda c: c in numbers and c in plain and c is not value),
            None,
        )
        denominator = denominator or facts.best(
            "denominator", lambda c: c in numbers and c in plain and c not in (value, numerator)
        )
        if numerator is not None and denominator is not None:
            draft.take("numerator", numerator)
            draft.take("denominator", denominator)
        if value is None and "numerator" not in draft.columns:
            value = next(iter(plain), None) or next(iter(numbers), None)
        if value is not None:
            draft.take("value", value)
        main = numerator if "numerator" in draft.columns else value
        if main is not None and (main.filled < main.rows or main.marks):
            draft.where.append(quoted(main.header))

    def _parts_of(self, share: Column | None) -> tuple[Column, Column] | None:
        """The two columns of numbers whose share another column is."""
        if share is None:
            return None
        shares = share.values()
        exact = any(sign in text for text in share.texts for sign in ".,")
        for whole in self._plain_numbers():
            for part in self._plain_numbers():
                if part is whole or share in (part, whole):
                    continue
                of, of_whole = part.values(), whole.values()
                known = ~np.isnan(shares) & ~np.isnan(of) & (np.nan_to_num(of_whole) > 0)
                near = np.abs(100 * of[known] / of_whole[known] - shares[known]) <= (
                    _NEAR if exact else 10 * _NEAR
                )
                if known.sum() >= _MANY and near.mean() >= MOSTLY:
                    return part, whole
        return None

    def _still_repeats(self) -> bool:
        draft, known = self.draft_, {c.header: c for c in self.facts.columns}
        keys = [
            h
            for n in ("period_start", "area", "service", "indicator")
            if (h := draft.columns.get(n)) and h in known
        ]
        return _repeats([known[h] for h in keys], draft.selected_rows(known))


def _sums_of_others(columns: Sequence[Column]) -> list[Column]:
    """The column that is the sum of others, in all rows."""
    values = [np.nan_to_num(column.values()) for column in columns]
    for at, column in enumerate(columns):
        others = [one for place, one in enumerate(values) if place != at]
        if len(others) >= _WIDE and values[at].any() and np.array_equal(values[at], np.sum(others, axis=0)):
            return [column]
    return []


def _is_percent(column: Column) -> bool:
    return any("%" in text for text in column.texts[:20])


def _has_limit(header: str) -> bool:
    """Whether a header of people over a limit names the limit: a number, or a word for it."""
    return any(map(str.isdecimal, header)) or fold(header) not in word_lists()["fields"]["over_limit"]


def _determines(one: Column, other: Column) -> bool:
    """Whether each value of one column occurs with a single value of the other."""
    pairs = np.unique(np.stack([one.codes, other.codes]), axis=1).shape[1]
    return pairs == len(np.unique(one.codes))


def _repeats(keys: Sequence[Column], selected_rows: np.ndarray | None) -> bool:
    """Whether several rows agree in all keys, among the selected ones."""
    if not keys:
        return False
    codes = np.stack([c.codes for c in keys])
    codes = codes if selected_rows is None else codes[:, selected_rows]
    return np.unique(codes, axis=1).shape[1] < codes.shape[1]
