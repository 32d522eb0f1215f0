"""The command line of the pipelines: `python -m pipelines --help`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from indicators.catalogue.errors import UsageError, reason_of
from pipelines import demo as demos
from pipelines.command_line import language, register, user_name
from pipelines.errors import EXIT_CODES, WarehouseDamaged, WarehouseMissing
from pipelines.findings import RefusedFile
from pipelines.loading import files as load_files
from pipelines.loading import history, publication
from pipelines.loading import load as loading
from pipelines.loading import report as load_report
from pipelines.loading import setup as setting_up
from pipelines.loading import watch as watching
from pipelines.loading.rebuild_sentences import rebuilt_sentences
from pipelines.mapping.source import Source, load_mapping
from pipelines.persons import mask
from pipelines.quality import check as checking
from pipelines.settings import Settings, load_settings, today_in_finland
from pipelines.suggest.first_mapping import suggest
from pipelines.texts import text
from pipelines.warehouse.records import ACTIVE, LoadRecord

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From an extract to the published warehouse.",
    epilog=EXIT_CODES,
)

WarehouseOption = Annotated[
    Path | None,
    typer.Option(
        "--warehouse", envvar="TAKUUVAHTI_WAREHOUSE", help="Folder of the warehouse.", show_default=False
    ),
]
SourceOption = Annotated[str | None, typer.Option("--source", help="Name of a shipped source.")]
MappingOption = Annotated[Path | None, typer.Option("--mapping", help="A mapping of your own (TOML).")]
AreaOption = Annotated[str | None, typer.Option("--area", help="Code of the area that delivers the file.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="Extract date, 2025-03-31.")]
WindowOption = Annotated[str | None, typer.Option("--window", help="Days the file holds in full, FROM..TO.")]
ScopeOption = Annotated[str | None, typer.Option("--scope", help="Whose window it is: units or origin.")]
SheetOption = Annotated[
    str | None, typer.Option("--sheet", help="Sheet of a workbook: its name, or its number from 1.")
]
HeaderRowOption = Annotated[
    int | None, typer.Option("--header-row", min=1, help="Row that the headers stand in, from 1.")
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Load in spite of too many bad rows or a shrunk file.")
]
PublishedOption = Annotated[
    bool,
    typer.Option(
        "--published", help="Counts of queues in the files have been published: they are never hidden."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LoadArgument = Annotated[str, typer.Argument(metavar="LOAD_ID", help="Id of the load, as `loads` shows it.")]
PathsArgument = Annotated[list[Path], typer.Argument(help="Files, or folders of files.")]


command = register(app)


@command
def setup(
    demo: Annotated[
        bool | None,
        typer.Option(
            "--demo/--no-demo", help="Load demo extracts, or take all demo data away.", show_default=False
        ),
    ] = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Make the first warehouse: the shipped figures, and demo extracts where there is no warehouse yet."""
    settings = _settings(warehouse)
    setting_up.set_up(
        settings,
        demo=demo,
        today=today_in_finland(),
        now=loading.utc_now(),
        loaded_by=user_name(),
        tell=lambda report: typer.echo(_line(report)),
        superseded=lambda record: typer.echo(
            text("load_is_withdrawn", language(), load_id=record.load_id, file=mask(record.file))
        ),
    )
    typer.echo(text("setup_done", language(), folder=settings.warehouse))


@command
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the extracts.")],
    scale: Annotated[str, typer.Option("--scale", help="small or county.")] = "small",
    years: Annotated[
        int, typer.Option("--years", min=1, max=10, help="How many years, to the end of 2025.")
    ] = 2,
    seed: Annotated[
        int, typer.Option("--seed", help="Another seed gives other extracts.")
    ] = demos.DEFAULT_SEED,
    warehouse: WarehouseOption = None,  # noqa: ARG001  (every command takes it)
) -> None:
    """Write synthetic extracts, the same for the same seed. No warehouse is read or changed."""
    if scale not in demos.SCALES:
        raise UsageError("unknown_scale", value=scale, known=", ".join(demos.SCALES))
    try:
        written = demos.write_demo(out, scale=scale, years=years, seed=seed)
    except OSError as error:
        raise UsageError("unwritable_folder", folder=out, reason=reason_of(error)) from error
    for path in written:
        typer.echo(path)


@command
def inspect(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The file to look at.")],
    source: SourceOption = None,
    mapping: MappingOption = None,
    area: AreaOption = None,
    as_of: AsOfOption = None,
    window: WindowOption = None,
    scope: ScopeOption = None,
    sheet: SheetOption = None,
    header_row: HeaderRowOption = None,
    force: ForceOption = False,
    suggests: Annotated[
        bool, typer.Option("--suggest", help="Print a first mapping for the file instead.")
    ] = False,
    as_json: JsonOption = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Say what a file is, what loading it would do, and what is wrong with it. Changes nothing."""
    settings = _settings(warehouse)
    if suggests:
        _print_suggestion(path, sheet, header_row, settings)
        return
    options = _options(source, mapping, area, as_of, window, scope, force, sheet, header_row)
    report = load_files.inspect_file(path, options, settings, today=today_in_finland())
    _print_reports([report], as_json)


def _print_suggestion(path: Path, sheet: str | None, header_row: int | None, settings: Settings) -> None:
    try:
        written = suggest(
            load_files.read_file(path),
            load_files.shown_name(path),
            settings,
            language(),
            sheet=sheet,
            header_row=header_row,
        )
    except RefusedFile as refused:
        for fault in refused.findings:
            typer.echo(f"{_level(fault.level)}: {fault.message(language())}", err=True)
        raise typer.Exit(1) from refused
    typer.echo(written, nl=False)


@command
def load(
    paths: PathsArgument,
    source: SourceOption = None,
    mapping: MappingOption = None,
    area: AreaOption = None,
    as_of: AsOfOption = None,
    window: WindowOption = None,
    scope: ScopeOption = None,
    sheet: SheetOption = None,
    header_row: HeaderRowOption = None,
    force: ForceOption = False,
    published: PublishedOption = False,
    as_json: JsonOption = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Load files. Each is a load of its own: one refused does not stop the others, and makes the exit code 1."""
    settings = _settings(warehouse)
    options = _options(source, mapping, area, as_of, window, scope, force, sheet, header_row)
    options = replace(options, published=published)
    reports = []
    for path in _in_order(paths):
        report = load_files.load_file(
            path, options, settings, now=loading.utc_now(), today=today_in_finland()
        )
        reports.append(report)
    _print_reports(reports, as_json)


@command
def watch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that files arrive in.")],
    area: AreaOption = None,
    once: Annotated[bool, typer.Option("--once", help="Load what is there now, then stop.")] = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Load what arrives in a folder; move it to done/ or failed/ beside the folder, with its findings.

    With --once the exit code is 1 where a file went to failed/.
    """
    settings = _settings(warehouse)
    options = _options(None, None, area, None, None, None, False)
    inbox = watching.Inbox(folder, settings, options, language())
    looks = 2 if once else None
    failed = False
    if not once:
        typer.echo(text("watching", language(), folder=folder))
    try:
        while looks is None or looks > 0:
            for arrived in inbox.look(loading.utc_now, today_in_finland):
                _tell_arrived(arrived, settings)
                failed = failed or (
                    arrived.report is not None and arrived.report.status == load_report.REFUSED
                )
            looks = None if looks is None else looks - 1
            if looks != 0:
                time.sleep(settings.watch_settle_seconds)
    except KeyboardInterrupt:
        return
    if failed:
        raise typer.Exit(1)


def _tell_arrived(arrived: watching.Arrived, settings: Settings) -> None:
    if arrived.report is None:
        typer.echo(text("watch_busy", language(), file=arrived.name, reason=arrived.waits_for), err=True)
        return
    _echo_report(arrived.report)
    if arrived.report.status == load_report.REFUSED and arrived.moved_to is not None:
        typer.echo(
            text(
                "watch_failed",
                language(),
                file=arrived.name,
                folder=arrived.moved_to.parent,
                days=settings.watch_keep_days,
            )
        )


@command
def loads(as_json: JsonOption = False, warehouse: WarehouseOption = None) -> None:
    """The history of loads, newest first."""
    snapshot = _snapshot(_settings(warehouse))
    records = publication.loads(snapshot)
    if as_json:
        _print_json({"loads": [load_report.record_to_dict(r, language()) for r in records]})
        return
    typer.echo(text("loads_heading", language()))
    for line in _in_columns([_told(record) for record in records]):
        typer.echo(line)


def _told(r: LoadRecord) -> tuple[str, ...]:
    """A load of the history in columns."""
    counts = (f"+{r.rows_new}", f"~{r.rows_changed}", f"-{r.rows_removed}", f"!{r.rows_quarantined}")
    when, file = f"{r.loaded_at:%Y-%m-%d %H:%M}", mask(r.file) + ("  [demo]" if r.demo else "")
    return (r.load_id, when, r.status, r.source, r.origin, str(r.extract_date), *counts, file)


def _in_columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows as lines whose columns are as wide as the longest text in them."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


@command
def withdraw(load_id: LoadArgument, warehouse: WarehouseOption = None) -> None:
    """Take a load away, as if it had never been loaded."""
    settings = _settings(warehouse)
    had_demo = _demo_counts(settings)
    record = history.withdraw(settings, load_id, now=loading.utc_now())
    typer.echo(text("load_is_withdrawn", language(), load_id=record.load_id, file=mask(record.file)))
    if not had_demo and _demo_counts(settings):
        typer.echo(text("demo_is_back", language()))


@command
def rebuild(
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss", help="Leave loads out whose archive files are missing or damaged, and name them."
        ),
    ] = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Make the warehouse again from the archive alone, and say what became of loads of earlier versions."""
    made = history.rebuild(_settings(warehouse), now=loading.utc_now(), accept_loss=accept_loss)
    for sentence in rebuilt_sentences(made, language()):
        typer.echo(sentence)


@command
def quarantine(
    load_id: LoadArgument,
    out: Annotated[Path | None, typer.Option("--out", help="File to write, for a spreadsheet.")] = None,
    warehouse: WarehouseOption = None,
) -> None:
    """The rows of a load that were set aside, with the reason of each in the first column."""
    rows = history.quarantine_csv(_settings(warehouse), load_id, language())
    if out is None:
        typer.echo(rows, nl=False)
        return
    load_files.write_file(out, rows.encode("utf-8-sig"))
    typer.echo(text("quarantine_written", language(), count=history.rows_of(rows), path=out))


@command
def check(as_json: JsonOption = False, warehouse: WarehouseOption = None) -> None:
    """Is everything whole, fresh and mapped? Exit code 1 where something is wrong."""
    settings = _settings(warehouse)
    problems = checking.check(settings, today=today_in_finland())
    ok = not any(problem.level == "error" for problem in problems)
    if as_json:
        _print_json({"ok": ok, "problems": [vars(problem) for problem in problems]})
    else:
        for problem in problems:
            sentence = text(
                f"check_{problem.code}", language(), subject=problem.subject, detail=problem.detail
            )
            typer.echo(f"{_level(problem.level)}: {sentence}")
        typer.echo(text("check_ok" if ok else "check_failed", language()))
    if any(problem.code == checking.NOT_READABLE for problem in problems):
        raise typer.Exit(WarehouseDamaged.exit_code)
    if not ok:
        raise typer.Exit(1)


def _settings(warehouse: Path | None) -> Settings:
    return load_settings().with_warehouse(warehouse)


def _snapshot(settings: Settings) -> loading.Snapshot:
    snapshot = publication.current_or_none(settings)
    if snapshot is None:
        raise WarehouseMissing("warehouse_missing", folder=settings.warehouse)
    return snapshot


def _demo_counts(settings: Settings) -> bool:
    """Whether demo rows count now."""
    return any(record.demo and record.status == ACTIVE for record in publication.loads(_snapshot(settings)))


def _options(
    source: str | None,
    mapping: Path | None,
    area: str | None,
    as_of: str | None,
    window: str | None,
    scope: str | None,
    force: bool,
    sheet: str | None = None,
    header_row: int | None = None,
) -> load_report.LoadOptions:
    if source and mapping:
        raise UsageError("source_and_mapping")
    if scope not in {None, "units", "origin"}:
        raise UsageError("bad_scope_option", value=scope)
    return load_report.LoadOptions(
        source=source,
        mapping=_mapping(mapping),
        area=area,
        as_of=None if as_of is None else _date("--as-of", as_of),
        window=None if window is None else _window(window),
        scope=scope,
        sheet=sheet,
        header_row=header_row,
        force=force,
        loaded_by=user_name(),
    )


def _mapping(path: Path | None) -> Source | None:
    return None if path is None else load_mapping(path)


def _date(option: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise UsageError("bad_date_option", option=option, value=value) from error


def _window(value: str) -> tuple[date, date]:
    first, dots, last = value.partition("..")
    try:
        window = (date.fromisoformat(first), date.fromisoformat(last))
    except ValueError as error:
        raise UsageError("bad_window_option", value=value) from error
    if not dots or window[0] > window[1]:
        raise UsageError("bad_window_option", value=value)
    return window


#: What the header of a file that defines measures has.
_DEFINES = (b"name_fi", b"name_sv", b"name_en", b"better")
_HEADER_BYTES = 4096


def _in_order(paths: list[Path]) -> list[Path]:
    """The files to load in the order given, but those that define measures before figures and targets of them."""
    return sorted(_files(paths), key=lambda path: not _defines(path))


def _defines(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES).partition(b"\n")[0].lower()
    except OSError:
        return False
    return all(name in header for name in _DEFINES)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
            if not found:
                raise UsageError("no_files", path=path)
            yield from found
        else:
            yield path


def _print_reports(reports: list[load_report.LoadReport], as_json: bool) -> None:
    if as_json:
        _print_json({"loads": [report.to_dict(language()) for report in reports]})
    else:
        for report in reports:
            _echo_report(report)
    if any(report.status == load_report.REFUSED for report in reports):
        raise typer.Exit(1)


def _echo_report(report: load_report.LoadReport) -> None:
    typer.echo(_line(report))
    if report.extract_date_from:
        typer.echo("  " + _dates_line(report))
    if report.takes_demo_away and report.status in (load_report.LOADED, load_report.INSPECTED):
        typer.echo("  " + text(f"demo_goes_{report.status}", language()))
    for finding in report.findings:
        typer.echo(f"  {_level(finding.level)}: {finding.message(language())}")


def _level(level: str) -> str:
    """What a level of findings or problems is called: one that stops something is an error, any other a remark."""
    return text("level_warning" if level == "warning" else "level_error", language())


def _dates_line(report: load_report.LoadReport) -> str:
    """The extract date and the window of a file, and where they come from."""
    if report.window is None:
        window = text("no_window", language())
    else:
        first, last = map(_day, report.window)
        source = text(f"date_from_{report.window_from}", language())
        window = text("window_is", language(), first=first, last=last, source=source)
    return text(
        "extract_date_is",
        language(),
        date=_day(report.extract_date),
        source=text(f"date_from_{report.extract_date_from}", language()),
        window=window,
    )


def _day(day: date | None) -> str:
    return "–" if day is None else f"{day.day}.{day.month}.{day.year}"


def _line(report: load_report.LoadReport) -> str:
    """One line about one file; its numbers of rows add up to the rows read."""
    left_out = report.rows_read - report.rows_loaded - report.rows_quarantined
    without_output = sum(f.count for f in report.findings if f.code == "row_without_output")
    return text(
        f"report_{report.status}",
        language(),
        file=report.file,
        source=report.source or "–",
        read=report.rows_read,
        loaded=report.rows_loaded,
        quarantined=report.rows_quarantined,
        repeats=left_out - without_output,
        without_output=text("report_without_output", language(), count=without_output)
        if without_output
        else "",
        new=report.rows_new,
        changed=report.rows_changed,
        removed=report.rows_removed,
        load_id=report.load_id,
    )


def _print_json(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
