"""A first mapping for a file that nothing fits: `python -m pipelines inspect FILE --suggest`.

Columns are matched by what they are called and by what stands in them. What is not decided is a comment, never a guess;
what is assumed says so. The file is read in memory, and of its values only codes and names of areas are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from pipelines.codes import our_codes
from pipelines.datasets import CODE, DATE, FIELDS, PERSON, WHOLE, YEAR
from pipelines.diagnose import likely_table
from pipelines.findings import RefusedFile, finding
from pipelines.parsing import names_day
from pipelines.persons import holds_hetu
from pipelines.reading import RawTable, codes_of, read_table
from pipelines.reading_options import ReadingOptions
from pipelines.settings import Settings
from pipelines.shaping import Group, Sum
from pipelines.suggest_columns import Column, columns_of, date_forms, words_match
from pipelines.suggest_words import code_names, is_band, is_total, word_lists
from pipelines.suggest_writing import Draft, plain, quoted, written
from pipelines.texts import text
from pipelines.unpacking import Limits
from pipelines.warehouse.scales import fold

#: Of these the one is suggested whose dates the file has most of.
_ROW_LEVEL = ("visits", "queue", "referrals")
_IDS = {"visits": "visit_id", "queue": "entry_id", "referrals": "referral_id"}
#: A list of things has more distinct values than a list of codes.
_MOST_CODES = 60
_WIDE = 2
#: More codes than these are looked up in `data/reference/codes.csv`.
_MOST_TOLD = 20


def suggest(
    data: bytes,
    file_name: str,
    settings: Settings,
    language: str,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
) -> str:
    """The text of a first mapping for a file. Raises RefusedFile where it cannot be read or may not be."""
    if holds_hetu(file_name):
        raise RefusedFile([finding("person_id_in_wrong_place", reason="file_name")])
    raw, options = _table(data, settings, sheet, header_row)
    for position, header in enumerate(raw.headers, start=1):
        if holds_hetu(header):
            raise RefusedFile([finding("person_id_in_wrong_place", reason="header", position=position)])
    suggestion = _Suggestion(raw, options, file_name, settings, language)
    return written(suggestion.draft(), suggestion.columns, raw.headers, options, file_name, suggestion.say)


def _table(
    data: bytes, settings: Settings, sheet: str | None, header_row: int | None
) -> tuple[RawTable, ReadingOptions]:
    limits = Limits(settings.largest_file_mb << 20, settings.largest_row_mb << 20)
    options = likely_table(data, limits, sheet)
    options = replace(options, header_row=header_row or options.header_row)
    return read_table(data, options=options, limits=limits), options


class _Suggestion:
    """One file, and how a mapping for it comes about."""

    def __init__(
        self, raw: RawTable, options: ReadingOptions, file_name: str, settings: Settings, language: str
    ) -> None:
        self.raw = raw
        self.options = options
        self.file_name = file_name
        self.settings = settings
        self.language = language
        self.columns = [column for column in columns_of(raw) if column.header]
        self.by_header = {column.header: column for column in self.columns}

    def say(self, code: str, **params: object) -> str:
        return text(f"suggest_{code}", self.language, **params)

    # --- what the rows are ---

    def draft(self) -> Draft:
        person = self._best("person", lambda c: not c.is_day)
        keys = [c for c in self.columns if c.is_key and not c.form and not c.is_person and c is not person]
        key = self._best("id", lambda c: c in keys) or next(iter(keys), None)
        days = [c for c in self.columns if c.is_day]
        if key is not None and days and self._row_level_words():
            return self._row_level(key)
        return self._aggregate()

    def _row_level_words(self) -> bool:
        """Whether something beside an id tells that a row is one contact, entry or referral."""
        people = any(c.is_person for c in self.columns) or self._best("person", lambda c: not c.is_day)
        events = [name for name in self._dates_of_rows() if self._best(name, lambda c: c.is_day)]
        return bool(people or events)

    @staticmethod
    def _dates_of_rows() -> set[str]:
        return {f.name for dataset in _ROW_LEVEL for f in FIELDS[dataset] if f.kind == DATE}

    def _best(
        self, role: str, fits: Callable[[Column], object], without: Iterable[str] = ()
    ) -> Column | None:
        """The column that is called most like the role, among those that fit."""
        words = word_lists()["fields"].get(role, ())
        taken = set(without)
        scored = [
            (words_match(c.header, words), -at, c)
            for at, c in enumerate(self.columns)
            if c.header not in taken and fits(c)
        ]
        found = max(scored, default=(0, 0, None), key=lambda one: one[:2])
        return found[2] if found[0] else None

    # --- rows that are contacts, entries or referrals ---

    def _row_level(self, key: Column) -> Draft:
        drafts = [self._filled(dataset, key) for dataset in _ROW_LEVEL]
        kinds = {"visits": "visit_on", "queue": "queued_on", "referrals": "received_on"}
        return max(
            drafts,
            key=lambda d: (kinds[d.dataset] in d.columns, len(self._dates(d)), -_ROW_LEVEL.index(d.dataset)),
        )

    @staticmethod
    def _dates(draft: Draft) -> list[str]:
        return [f.name for f in FIELDS[draft.dataset] if f.kind == DATE and f.name in draft.columns]

    def _filled(self, dataset: str, key: Column) -> Draft:
        draft = Draft(dataset)
        draft.take(_IDS[dataset], key)
        scored = []
        for one in FIELDS[dataset]:
            role = {"unit_code": "unit", "service_code": "service"}.get(one.name, one.name)
            for at, column in enumerate(self.columns):
                score = words_match(column.header, word_lists()["fields"].get(role, ()))
                if one.kind == PERSON and column.is_person:
                    score = 100
                if score and self._may_be(one.kind, column):
                    scored.append((-score, at, one.name, column))
        for _, _, name, column in sorted(scored, key=lambda one: one[:3]):
            if name not in draft.columns and column.header not in draft.used:
                draft.take(name, column)
        for name in ("unit_code", "service_code"):
            if name not in draft.columns:
                self._undecided(draft, name)
        if dataset == "visits" and "state_code" not in draft.columns:
            self._state_of_visits(draft)
        if dataset == "queue" and "snapshot_on" not in draft.columns:
            draft.sections.append('[[set]]\nfield = "snapshot_on"\nfrom = "extract_date"')
        if dataset == "referrals" and "received_on" not in draft.columns:
            self._undecided(draft, "received_on")
        for one in FIELDS[dataset]:
            if (
                one.kind == CODE
                and one.domain not in (None, "unit", "municipality")
                and one.name in draft.columns
            ):
                self._meanings(draft, one.domain, self.by_header[draft.columns[one.name]])
        return draft

    def _state_of_visits(self, draft: Draft) -> None:
        """Without a column that says so, a visit that has a day was realised; that is an assumption."""
        if "visit_on" in draft.columns:
            when = quoted(draft.columns["visit_on"])
            draft.sections.append(
                f"# {self.say('assumed')}\n"
                f'[[set]]\nfield = "state_code"\nvalue = "realised"\nwhen = {when}\n\n'
                '[[set]]\nfield = "state_code"\nvalue = "booked"'
            )
        else:
            self._undecided(draft, "state_code")

    @staticmethod
    def _may_be(kind: str, column: Column) -> bool:
        if column.is_person:
            return kind == PERSON
        if kind == DATE:
            return column.is_day
        if kind in (YEAR, WHOLE):
            return column.is_number and not column.is_day
        return not column.is_day

    # --- rows that are counts or figures ---

    def _aggregate(self) -> Draft:
        numbers = [c for c in self.columns if c.is_number and not c.form]
        wide = self._wide_periods(numbers)
        bands = [] if wide else [c for c in numbers if is_band(c.header)]
        counted = self._tells_of_waiting(numbers, bands)
        draft = Draft("queue_counts" if counted else "figures")
        if wide:
            self._unpivot(draft, *wide)
        else:
            self._period(draft)
        self._area(draft)
        if counted:
            self._counts(draft, bands, bool(wide))
        else:
            self._figures(draft, bool(wide))
        self._totals(draft)
        self._groups(draft)
        return draft

    def _tells_of_waiting(self, numbers: Sequence[Column], bands: Sequence[Column]) -> bool:
        """Whether the numbers are of people who wait."""
        words = [
            w
            for w in word_lists()["fields"]["waiting"]
            if w.startswith(("odot", "jono", "wait", "vant", "queue", "ko"))
        ]
        named = any(
            words_match(name, words) for name in (self.file_name.split(".")[0], *(c.header for c in numbers))
        )
        share = self._best("value", lambda c: c.is_number and not c.form)
        return len(bands) >= _WIDE or (named and share is None)

    def _wide_periods(self, numbers: Sequence[Column]) -> tuple[list[Column], str] | None:
        """The columns of numbers whose headers are periods or days, and the form of those."""
        for form in date_forms_of_headers([c.header for c in self.columns]):
            found = [
                c for c in self.columns if form in date_forms([c.header]) and (c.is_number or not c.filled)
            ]
            if len(found) >= _WIDE and len(found) >= len(numbers) / 2:
                return found, form
        return None

    def _unpivot(self, draft: Draft, wide: Sequence[Column], form: str) -> None:
        headers = ", ".join(quoted(c.header) for c in wide)
        name, value = self._new("period"), self._new("cell")
        draft.sections.append(
            f"[unpivot]\ncolumns = [{headers}]\nname = {quoted(name)}\nvalue = {quoted(value)}"
        )
        draft.where.append(quoted(value))
        draft.used |= {c.header for c in wide}
        draft.formats.append(form)
        self._dated(draft, name, form)
        draft.columns["waiting" if draft.dataset == "queue_counts" else "value"] = value

    def _new(self, name: str) -> str:
        """A name for a made column that the file does not have."""
        taken = {fold(header) for header in self.raw.headers}
        while fold(name) in taken:
            name += "_"
        return name

    def _dated(self, draft: Draft, header: str, form: str) -> None:
        if draft.dataset == "queue_counts":
            draft.columns["snapshot_on"] = header
            if not names_day(form):
                draft.sections.append(f'[dates.snapshot_on]\nday = "last"   # {self.say("assumed")}')
        else:
            draft.columns |= {"period_start": header, "period_end": header}

    def _period(self, draft: Draft) -> None:
        year = next((c for c in self.columns if c.form == "yyyy"), None)
        part = self._part_of_year(year)
        if year is not None and part is not None:
            column, form, between = part
            name = self._new("period")
            draft.sections.append(
                f"[join]\n{quoted(name)} = {quoted('{' + year.header + '}' + between + '{' + column.header + '}')}"
            )
            draft.used |= {year.header, column.header}
            draft.parts[name] = (year.header, column.header)
            draft.formats.append(form)
            self._dated(draft, name, form)
            return
        column = self._best("period", lambda c: c.form) or next((c for c in self.columns if c.form), None)
        if column is None or column.form is None:
            self._undecided(draft, "snapshot_on" if draft.dataset == "queue_counts" else "period_start")
            return
        draft.used.add(column.header)
        draft.formats += column.forms
        end = self._end_of(column)
        self._dated(draft, column.header, column.form)
        if draft.dataset == "figures" and end is not None:
            draft.columns["period_end"] = end.header
            draft.used.add(end.header)
            draft.formats += end.forms

    def _end_of(self, first: Column) -> Column | None:
        """A second column of days, whose days are the ends."""
        return next((c for c in self.columns if c.is_day and first.is_day and c.header != first.header), None)

    def _part_of_year(self, year: Column | None) -> tuple[Column, str, str] | None:
        """A column of months, quarters or weeks beside that of years, the form of both together, what is between."""
        most = {"month": 12, "quarter": 4, "week": 53}
        if year is None:
            return None
        for part, words in word_lists()["parts"].items():
            for column in self.columns:
                if part == "year" or column.header == year.header or column.is_day or column.form:
                    continue
                if not words_match(column.header, words):
                    continue
                values = [t.removesuffix(".0") for t in column.texts]
                if all(v.isdecimal() and 1 <= int(v) <= most[part] for v in values):
                    forms = {"month": ("yyyy-m", "-"), "quarter": ("yyyy-q", "-"), "week": ("yyyy-w", "-")}
                    return column, *forms[part]
                for form in ("yyyy mmm", "yyyy Qq", "yyyy Tq", "yyyy q", "yyyy Ww"):
                    if form in date_forms([f"2024 {v}" for v in values]):
                        return column, form, " "
        return None

    def _area(self, draft: Draft) -> None:
        known = code_names("area")
        for column in self.columns:
            if column.is_text and column.texts and column.header not in draft.used:
                hits = sum(fold(t) in known for t in column.texts)
                if hits >= len(column.texts) / 2:
                    draft.take("area", column)
                    self._meanings(draft, "area", column)
                    return
        codes = self._best("area", lambda c: set(c.texts) <= our_codes()["area"] and c.texts, draft.used)
        if codes is not None:
            draft.take("area", codes)
            return
        draft.constants.append(f"area = {quoted(self.settings.default_area)}   # {self.say('assumed')}")

    def _counts(self, draft: Draft, bands: Sequence[Column], wide: bool) -> None:
        numbers = [c for c in self.columns if c.is_number and not c.form and c.header not in draft.used]
        if len(bands) >= _WIDE:
            over = self._best("over_limit", lambda c: c in numbers and c not in bands)
            totals = [c for c in numbers if c not in bands and is_total(c.header)]
            if totals:
                draft.take("waiting", totals[0])
            else:
                name = self._new("waiting")
                draft.columns["waiting"] = name
                headers = ", ".join(quoted(c.header) for c in bands)
                draft.sections.append(f"# {self.say('bands')}\n[add]\n{quoted(name)} = [{headers}]")
            draft.used |= {c.header for c in bands}
            if over is not None:
                draft.take("over_limit", over)
        elif not wide:
            over = self._best("over_limit", lambda c: c in numbers)
            waiting = self._best("waiting", lambda c: c in numbers and c is not over)
            waiting = waiting or next((c for c in numbers if c is not over), None)
            if waiting is None:
                self._undecided(draft, "waiting")
            else:
                draft.take("waiting", waiting)
            if over is not None:
                draft.take("over_limit", over)
        service = self._service(draft)
        texts = [c for c in self.columns if c.is_text and c.header not in draft.used and c.texts]
        unit = self._best("unit", lambda c: c in texts) or self._of_many(texts)
        if unit is not None:
            draft.take("unit", unit)
        elif service is not None:
            # What has the meaning of a service is the finest name there is.
            draft.columns["unit"] = service.header
        else:
            self._undecided(draft, "unit")
        if service is None:
            self._undecided(draft, "service")

    @staticmethod
    def _of_many(texts: Sequence[Column]) -> Column | None:
        """The column of the most different names, where it is no total or band of others."""
        return max(
            (c for c in texts if not any(map(is_band, c.texts))), key=lambda c: len(c.texts), default=None
        )

    def _service(self, draft: Draft) -> Column | None:
        known = code_names("service")
        for column in self.columns:
            if column.is_text and column.texts and column.header not in draft.used:
                hits = sum(fold(t) in known for t in column.texts)
                if hits >= len(column.texts) / 2:
                    draft.take("service", column)
                    self._meanings(draft, "service", column)
                    return column
        return None

    def _figures(self, draft: Draft, wide: bool) -> None:
        indicator = self._best("indicator", lambda c: c.is_text, draft.used)
        if indicator is not None and set(indicator.texts) & our_codes()["indicator"]:
            draft.take("indicator", indicator)
        else:
            self._undecided(draft, "indicator")
        numbers = [c for c in self.columns if c.is_number and not c.form and c.header not in draft.used]
        if not wide:
            value = self._best("value", lambda c: c in numbers)
            numerator = self._best("numerator", lambda c: c in numbers and c is not value)
            denominator = self._best(
                "denominator", lambda c: c in numbers and c is not value and c is not numerator
            )
            if numerator is not None and denominator is not None:
                draft.take("numerator", numerator)
                draft.take("denominator", denominator)
            if value is None and "numerator" not in draft.columns:
                value = next(iter(numbers), None)
            if value is not None:
                draft.take("value", value)
        percent = any("%" in t for c in self.columns for t in (c.header, *c.texts[:20]))
        if percent:
            draft.constants.append(f'unit = "percent"   # {self.say("assumed")}')

    def _totals(self, draft: Draft) -> None:
        """Rows of totals: of a column that is used they are left out, of one that is not only they are taken."""
        for column in self.columns:
            totals = [t for t in column.texts if column.is_text and is_total(t)]
            if not totals or len(column.texts) < _WIDE:
                continue
            says = "is_not" if column.header in draft.used else "is"
            told = ", ".join(map(quoted, totals[: None if says == "is_not" else 1]))
            if says == "is_not" and column.header == draft.columns.get("area"):
                continue
            draft.where.append(f"{{ column = {quoted(column.header)}, {says} = [{told}] }}")
            draft.used.add(column.header)

    def _groups(self, draft: Draft) -> None:
        """Where several rows are of the same day, unit and service, they are parts of one count."""
        keys = [draft.columns[n] for n in ("snapshot_on", "area", "unit", "service") if n in draft.columns]
        headers = [header for key in keys for header in draft.parts.get(key, (key,))]
        if draft.dataset != "queue_counts" or draft.where or not set(headers) <= set(self.by_header):
            return
        at = list(self.raw.headers)
        codes = [codes_of(self.raw.table.column(at.index(header)).chunk(0)).tolist() for header in headers]
        rows = list(zip(*codes, strict=True))
        if len(set(rows)) == len(rows):
            return
        sums = []
        for name in ("waiting", "over_limit"):
            if name in draft.columns:
                new = self._new(name)
                sums.append(Sum(new, draft.columns[name], ()))
                draft.columns[name] = new
        group = Group(tuple(dict.fromkeys(keys)), tuple(sums))
        by = ", ".join(map(quoted, group.by))
        lines = [f"{quoted(one.name)} = {quoted(one.column)}" for one in group.sums]
        draft.sections.append(
            "\n".join([f"# {self.say('group')}", "[group]", f"by = [{by}]", "", "[group.sum]", *lines])
        )

    # --- what is said of it ---

    def _meanings(self, draft: Draft, domain: str, column: Column) -> None:
        """Their codes with a meaning that is known by name; the others are named in a comment."""
        if len(column.texts) > _MOST_CODES or domain in draft.values:
            return
        known, codes = code_names(domain), our_codes().get(domain, frozenset())
        draft.values[domain] = {
            t: known[fold(t)] for t in column.texts if fold(t) in known and t not in codes
        }
        unknown = [t for t in column.texts if fold(t) not in known and t not in codes and not holds_hetu(t)]
        if unknown and domain != "area":
            told = ", ".join(plain(t) for t in unknown)
            draft.notes.append(f"# [values.{domain}] {self.say('values', codes=told)}")

    def _undecided(self, draft: Draft, name: str) -> None:
        one = next(one for one in FIELDS[draft.dataset] if one.name == name)
        codes = sorted(our_codes().get(one.domain or "", ()))
        told = " " + self.say("one_of", codes=", ".join(codes)) if 0 < len(codes) <= _MOST_TOLD else ""
        draft.constants.append(f'# {name} = ""   # {self.say("undecided", field=name)}{told}')


def date_forms_of_headers(headers: Sequence[str]) -> list[str]:
    """The forms in which one header or another is a date, the likelier first."""
    return list(dict.fromkeys(form for header in headers if header for form in date_forms([header])))
