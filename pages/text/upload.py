"""What the upload page shows of a file, a job and the history; texts from files are escaped, names masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from indicators.wording.formats import NBSP, day, day_span, number, percent, period
from indicators.wording.translations import N_, _, language, ngettext
from pages.text import names
from pages.text.markup import plain
from pages.text.tables import Table, csv_bytes
from pages.ui import loading
from pages.ui.jobs import JOBS, QUEUED, Job
from pages.ui.loading import Contents, Finding, LoadOptions, LoadRecord, LoadReport, Withdrawal
from pipelines.loading.outcomes import UnforeseenElsewhere

#: What is being done, by the stage a job reports.
STAGES = {
    "read": N_("Reading the file"),
    "recognise": N_("Recognising the layout"),
    "check": N_("Checking the rows"),
    "pseudonymise": N_("Replacing person identifiers with pseudonyms"),
    "wait": N_("Waiting for another load to finish"),
    "effect": N_("Working out what changes"),
    "archive": N_("Archiving the accepted rows"),
    "publish": N_("Publishing the new version"),
    "files": N_("Loading the files"),
    "done": N_("Finishing"),
}
#: A finding's level: its mark and its words.
LEVELS = {
    "file": ("■", N_("stops the file")),
    "row": ("▲", N_("rows set aside")),
    "warning": ("●", N_("note")),
}
#: What a load in the history is now: mark and words.
STATUSES = {
    loading.ACTIVE: ("●", N_("in use")),
    loading.SET_ASIDE: ("○", N_("demo data, set aside")),
    loading.WITHDRAWN: ("–", N_("taken away")),
}
#: The same of a load in the place of which is another of its file.
REPLACED = ("○", N_("replaced by a load with another mapping"))
#: What the rows of a load are, by dataset.
DATASETS = {
    "visits": N_("Visits"),
    "queue": N_("Queue entries"),
    "referrals": N_("Referrals"),
    "cases": N_("Cases of social welfare"),
    "figures": N_("Published figures"),
    "targets": N_("Targets"),
    "queue_counts": N_("Counts of queues"),
    "project_budgets": N_("Budgets"),
    "traffic_lights": N_("Traffic lights"),
    "milestones": N_("Milestones"),
    "annotations": N_("Annotations"),
    "measures": N_("Definitions of measures"),
    "risks": N_("Risks of projects"),
    "annual_clock": N_("Annual clock"),
    "target_groups": N_("Target groups"),
}
#: So many of the rows set aside are listed; the file has all.
ROWS_LISTED = 50
_DATE_FROM = {
    loading.BY_HAND: N_("chosen by you"),
    loading.COLUMN: N_("from the snapshot date in the file"),
    loading.FILE_NAME: N_("from the name of the file"),
    loading.ROWS: N_("the newest realised day of the rows, as the file does not say"),
    loading.LOADING_DAY: N_("today, as the file does not say"),
}
_WINDOW_FROM = {loading.BY_HAND: N_("chosen by you"), loading.FILE_NAME: N_("from the name of the file")}
_SEPARATORS = {";": N_("semicolon"), ",": N_("comma"), "\t": N_("tab"), "|": N_("vertical bar")}
_ENCODINGS = {"cp1252": "Windows-1252", "windows-1252": "Windows-1252", "utf-8-sig": "UTF-8"}


_ENCODINGS |= {"latin-1": "ISO-8859-1", "iso-8859-1": "ISO-8859-1", "iso8859-1": "ISO-8859-1"}


def size(data: bytes) -> str:
    """The size of a file in kilo- or megabytes."""
    kilobytes = len(data) / 1024
    if kilobytes < 1000:
        return f"{number(max(kilobytes, 0.1), 1 if kilobytes < 10 else 0)}{NBSP}" + _("kB")
    return f"{number(kilobytes / 1024, 1)}{NBSP}" + _("MB")


def recognised_facts(report: LoadReport, options: LoadOptions) -> list[tuple[str, str]]:
    """What a file was taken for, each with where it came from; what is not known is left out."""
    pairs = []
    if report.source:
        how = _("chosen by you") if options.source or options.mapping else _("from the headers")
        pairs.append((_("Source"), _with_reason(loading.source_title(report.source, language()), how)))
    if report.layout:
        pairs.append((_("Version of the layout"), report.layout))
    if report.detected:
        pairs.append((_("File"), _file_words(report.detected)))
    pairs.append((_("Area"), loading.area_names(language()).get(report.origin, report.origin)))
    if report.extract_date:
        came = loading.date_came_from(report)
        pairs.append((_("Extract date"), _with_reason(day(report.extract_date), _(_DATE_FROM[came]))))
    if report.source and report.status != loading.REFUSED:
        pairs.append((_("Window"), _window_words(report, options)))
        scope = options.scope or loading.file_scope(report.source)
        if report.window or report.dataset == "queue":
            pairs.append((_("The window is of"), _(SCOPES[scope])))
    if report.period_start and report.period_end:
        pairs.append((_("Period of the rows"), day_span(report.period_start, report.period_end)))
    if report.rows_read:
        pairs.append((_("Rows in the file"), number(report.rows_read)))
    return pairs


SCOPES = {"units": N_("the units in the file"), "origin": N_("all units of the area")}


def _with_reason(what: str, why: str) -> str:
    return f"{what} ({why})"


def _file_words(detected: dict[str, str | None]) -> str:
    kind = {"xlsx": _("Excel workbook")}.get(detected["kind"] or "", _("text file"))
    words = [kind]
    if detected["compressed"]:
        words.append(_("packed ({kind})").format(kind=detected["compressed"]))
    if detected["encoding"]:
        encoding = detected["encoding"].lower()
        words.append(_("encoding {name}").format(name=_ENCODINGS.get(encoding, encoding.upper())))
    separator = detected["separator"]
    if separator:
        words.append(_("separator {name}").format(name=_(_SEPARATORS.get(separator, separator))))
    return ", ".join(words)


def _window_words(report: LoadReport, options: LoadOptions) -> str:
    came = loading.window_came_from(report, options)
    if came == loading.COLUMN:
        return _("the snapshot dates in the file: what is missing from them is no longer in the queue")
    if report.window is None:
        return _("not stated: rows are only added and replaced, none are removed")
    return _with_reason(day_span(*report.window), _(_WINDOW_FROM[came]))


def findings_words(found: Sequence[Finding]) -> str:
    """How many findings of each level, in words."""
    parts = []
    for level in LEVELS:
        count = sum(one.level == level for one in found)
        if not count:
            continue
        if level == "file":
            text = ngettext("{count} fault that stops the file", "{count} faults that stop the file", count)
        elif level == "row":
            text = ngettext("{count} kind of fault in rows", "{count} kinds of faults in rows", count)
        else:
            text = ngettext("{count} note", "{count} notes", count)
        parts.append(text.format(count=number(count)))
    return ", ".join(parts) if parts else _("no findings")


def effect_sentence(report: LoadReport) -> str:
    """What loading would do, in a sentence or two."""
    parts = [
        ngettext("adds {count} row", "adds {count} rows", report.rows_new),
        ngettext("changes {count} row", "changes {count} rows", report.rows_changed),
        ngettext("removes {count} row", "removes {count} rows", report.rows_removed),
    ]
    counts = (report.rows_new, report.rows_changed, report.rows_removed)
    found = [part.format(count=number(count)) for part, count in zip(parts, counts, strict=True) if count]
    if found:
        listed = (
            found[0]
            if len(found) == 1
            else _("{first} and {last}").format(first=", ".join(found[:-1]), last=found[-1])
        )
        sentence = _("Loading {effects}.").format(effects=listed)
    else:
        sentence = _("Loading changes no rows: everything in the file is loaded already or is older.")
    aside = report.rows_quarantined
    if aside:
        sentence += " " + ngettext(
            "{count} row would be set aside.", "{count} rows would be set aside.", aside
        ).format(count=number(aside))
    return sentence


#: Findings that say what a file has no data of.
NOT_IN_THE_DATA = ("column_went_blank", "indicator_lost", "indicator_unmapped", "absent_column")


def cannot_tell(report: LoadReport) -> list[str]:
    """What the data of a file will not be able to tell: indicators, columns, what was removed, units, rows set aside."""
    said = [
        loading.sentence(found, language())
        for code in NOT_IN_THE_DATA
        for found in report.findings
        if found.code == code
    ]
    if loading.has_window(report.dataset) and report.window is None:
        said.append(
            _(
                "Which period it covers: rows that were removed at the source stay in the figures. State the period, if it "
                "is known."
            )
        )
    if report.rows_quarantined:
        said.append(
            ngettext(
                "{count} row is set aside and is in no figure until it is corrected.",
                "{count} rows are set aside and are in no figure until they are corrected.",
                report.rows_quarantined,
            ).format(count=number(report.rows_quarantined))
        )
    return said


def finding(contents: Contents) -> str:
    """What is loaded, in a sentence: how many loads count, the newest, and whether they are invented."""
    counted = [one for one in contents.records if one.status == loading.ACTIVE]
    if not counted:
        return _("Nothing has been loaded yet.")
    newest = max(counted, key=lambda one: one.loaded_at)
    said = ngettext(
        "{count} load is in use; the newest is of {day}: {source}.",
        "{count} loads are in use; the newest is of {day}: {source}.",
        len(counted),
    ).format(
        count=number(len(counted)),
        day=day(loading.local_time(newest.loaded_at).date()),
        source=loading.source_title(newest.source, language()),
    )
    if not contents.real_rows and any(one.demo for one in counted):
        said += " " + _("Visits and queues are demo data.")
    return said


def result_sentence(report: LoadReport) -> str:
    """What became of a file, in a sentence."""
    if report.status == loading.UNCHANGED:
        return _("{file} was loaded before with the same content. Nothing changed.").format(file=report.file)
    if report.status == loading.REFUSED:
        return _("Nothing of {file} was loaded, and nothing changed. The reasons are below.").format(
            file=report.file
        )
    return _("{file} was loaded: {new} new, {changed} changed, {removed} removed, {aside} set aside.").format(
        file=report.file,
        new=number(report.rows_new),
        changed=number(report.rows_changed),
        removed=number(report.rows_removed),
        aside=number(report.rows_quarantined),
    )


#: What the three counts of an effect are called, where a load is loaded and where it is withdrawn.
LOADED = (N_("New rows"), N_("Changed rows"), N_("Removed rows"))
WITHDRAWN = (N_("Rows that come back"), N_("Rows as before"), N_("Rows that go"))
Counted = Sequence[tuple[str, int, int, int]]


def month_rows(by_month: Counted, columns: Sequence[str]) -> dict[str, list[str]]:
    """An effect by month as a table, with the months in words."""
    return {_("Month"): [period(month) for month, *_counts in by_month]} | _columns(by_month, columns)


def unit_rows(by_unit: Counted, columns: Sequence[str]) -> dict[str, list[str]]:
    """An effect by unit as a table, most rows first; a unit that is not yet known is under its code."""
    ordered = sorted(by_unit, key=lambda row: (-sum(row[1:]), row[0]))
    known = names.names("unit", [unit for unit, *_counts in ordered])
    called = [name if name == unit else f"{name} ({unit})" for unit, name in known.items()]
    return {_("Unit"): called} | _columns(ordered, columns)


def _columns(counted: Counted, columns: Sequence[str]) -> dict[str, list[str]]:
    return {_(title): [number(row[at]) for row in counted] for at, title in enumerate(columns, start=1)}


def withdrawal_sentences(found: Withdrawal) -> list[str]:
    """What withdrawing a load would change: a sentence for each dataset, and one about demo data."""
    sentences = []
    for dataset, effect in found.effects:
        counted = [
            ngettext("{count} row goes", "{count} rows go", effect.removed).format(
                count=number(effect.removed)
            ),
            ngettext(
                "{count} row of an earlier load comes back",
                "{count} rows of earlier loads come back",
                effect.new,
            ).format(count=number(effect.new)),
            ngettext(
                "{count} row is again as an earlier load says",
                "{count} rows are again as earlier loads say",
                effect.changed,
            ).format(count=number(effect.changed)),
        ]
        here = [
            text
            for text, count in zip(counted, (effect.removed, effect.new, effect.changed), strict=True)
            if count
        ]
        what = _(DATASETS[dataset])
        if here:
            sentences.append(_("{what}: {changes}.").format(what=what, changes=", ".join(here)))
        else:
            sentences.append(
                _("{what}: no row changes, as newer loads have replaced those of this one.").format(what=what)
            )
    if found.demo_returns:
        sentences.append(
            _("No own rows are left after that: the pages show demo data again, marked as such.")
        )
    return sentences


def withdrawal_tables(found: Withdrawal) -> list[Table]:
    """By month and by unit what withdrawing changes of the main dataset."""
    if not found.effects:
        return []
    _dataset, effect = found.effects[0]
    by = ((effect.by_month, month_rows, _("By month")), (effect.by_unit, unit_rows, _("By unit")))
    return [_table(rows(counted, WITHDRAWN), caption) for counted, rows, caption in by if counted]


def _table(columns: dict[str, list[str]], caption: str) -> Table:
    rows = zip(*columns.values(), strict=True)
    return Table.of(caption, tuple(columns), rows, range(1, len(columns)))


def aside_name(record: LoadRecord) -> str:
    """The file name of the rows of a load that were set aside, ending with its extract date, which the loader reads."""
    name, audience = _("set_aside"), _("internal")
    return f"{name}_{audience}_{record.load_id}_{record.extract_date:%Y%m%d}.csv"


def aside_table(aside: loading.SetAside) -> Table:
    """The rows set aside as a table, the first `ROWS_LISTED` of them; columns that are blank in all are left out."""
    listed = aside.rows[:ROWS_LISTED]
    filled = [at for at, _header in enumerate(aside.header) if at == 0 or any(row[at] for row in listed)]
    header = [aside.header[at] for at in filled]
    return Table.of("", header, ([row[at] for at in filled] for row in listed))


def stage_words(job: Job) -> str:
    """What a job is doing, in words."""
    if job.state == QUEUED:
        before = JOBS.before(job)
        return ngettext(
            "Waiting for its turn: {count} piece of work before it",
            "Waiting for its turn: {count} pieces of work before it",
            before,
        ).format(count=number(before))
    words = _(STAGES[job.stage]) if job.stage in STAGES else _("Starting")
    return f"{words} · {percent(100 * job.share, 0)}"


def error_words(error: BaseException | None) -> str:
    """What stopped a job, in a sentence; never the text of an error nobody foresaw."""
    known = loading.error_sentence(error, language()) if error is not None else None
    if known is not None:
        return known
    name = str(error) if isinstance(error, UnforeseenElsewhere) else type(error).__name__ if error else "–"
    return _(
        "The work stopped at an unexpected fault ({name}). See the history of loads for whether it took effect, "
        "try again, and tell the administrator if it happens again."
    ).format(name=name)


def history_title(record: LoadRecord) -> str:
    """A load of the history in a line, as Markdown."""
    moment = loading.local_time(record.loaded_at)
    when = _("{day} at {time}").format(day=day(moment.date()), time=f"{moment:%H.%M}")
    rows = ngettext("{count} row", "{count} rows", record.rows_loaded).format(
        count=number(record.rows_loaded)
    )
    source = plain(loading.source_title(record.source, language()))
    title = f"{plain(when)} · **{source}** · {plain(loading.safe_name(record.file))} · {rows}"
    if record.status != loading.ACTIVE:
        mark, status = _state(record)
        return f"{title} · {mark} {_(status)}"
    return title + (" · " + _("demo data") if record.demo else "")


def _state(record: LoadRecord) -> tuple[str, str]:
    """The mark and the message of the state of a load."""
    if record.status == loading.SET_ASIDE and not record.demo:
        return REPLACED
    return STATUSES[record.status]


def history_facts(record: LoadRecord) -> list[tuple[str, str]]:
    """Everything about a load of the history, as names and values; what is not known is left out."""
    effect = _("{new} new, {changed} changed, {removed} removed, {aside} set aside").format(
        new=number(record.rows_new),
        changed=number(record.rows_changed),
        removed=number(record.rows_removed),
        aside=number(record.rows_quarantined),
    )
    pairs = [
        (_("Number of the load"), record.load_id),
        (_("State"), _(_state(record)[1]) + (", " + _("demo data") if record.demo else "")),
        (_("Loaded by"), record.loaded_by),
        (_("Area"), loading.area_names(language()).get(record.origin, record.origin)),
        (_("Extract date"), day(record.extract_date)),
        (_("Window"), _span(record.window_from, record.window_to)),
        (_("Period of the rows"), _span(record.period_start, record.period_end)),
        (_("Rows loaded"), number(record.rows_loaded)),
        (_("Effect when loaded"), effect),
        (_("Findings"), findings_words(loading.stored_findings(record))),
    ]
    return [(name, value) for name, value in pairs if value]


def _span(first: date | None, last: date | None) -> str:
    return day_span(first, last) if first is not None and last is not None else ""


def history_csv(records: Iterable[LoadRecord]) -> bytes:
    """The history as CSV that a spreadsheet opens, with headers in the language."""
    header = (
        *(_("Number of the load"), _("Loaded at"), _("Loaded by"), _("File"), _("Source"), _("Area code")),
        *(_("Extract date"), _("First day"), _("Last day"), _("Rows in the file"), _("Rows loaded")),
        *(_("Set aside"), _("New rows"), _("Changed rows"), _("Removed rows"), _("State")),
        *(_("Demo data"), _("Findings")),
    )
    rows = [
        (
            *(record.load_id, loading.local_time(record.loaded_at).isoformat(sep=" ", timespec="minutes")),
            *(record.loaded_by, loading.safe_name(record.file)),
            *(loading.source_title(record.source, language()), record.origin, _iso(record.extract_date)),
            *(_iso(record.period_start), _iso(record.period_end), record.rows_read, record.rows_loaded),
            *(record.rows_quarantined, record.rows_new, record.rows_changed, record.rows_removed),
            *(_(_state(record)[1]), _("yes") if record.demo else _("no")),
            " ".join(loading.sentence(one, language()) for one in loading.stored_findings(record)),
        )
        for record in records
    ]
    return csv_bytes(header, rows)


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None


def left_words(contents: Contents) -> str:
    """What is in the warehouse besides demo data, in a sentence."""
    figures = sum(
        1 for record in contents.records if not record.demo and record.status == loading.ACTIVE
    ) - len(contents.real_rows)
    real = len(contents.real_rows)
    if not real:
        return ngettext(
            "The warehouse holds {count} load of published figures, and no visits or queues.",
            "The warehouse holds {count} loads of published figures, and no visits or queues.",
            figures,
        ).format(count=number(figures))
    return ngettext(
        "The warehouse holds {count} load of your own visits or queues.",
        "The warehouse holds {count} loads of your own visits or queues.",
        real,
    ).format(count=number(real))
