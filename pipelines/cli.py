"""The command line of the pipelines: `python -m pipelines --help`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from indicators.catalogue.errors import UsageError, reason_of
from pipelines.checking.extract import LoadOptions, Window
from pipelines.cli_output import (
    echo_arrived,
    history_row,
    in_columns,
    level_name,
    print_json,
    print_reports,
    report_line,
)
from pipelines.command_line import language, register, user_name
from pipelines.demo import DEFAULT_SEED
from pipelines.demo.scales import DEFAULT_SCALE, SCALES, scale_named
from pipelines.errors import EXIT_CODES, WarehouseDamaged, WarehouseError
from pipelines.findings import RefusedFile
from pipelines.identity_codes import mask
from pipelines.loading import files as load_files
from pipelines.loading import history, publication
from pipelines.loading import load as loading
from pipelines.loading import report as load_report
from pipelines.loading import watch as watching
from pipelines.loading.results import refresh_results
from pipelines.mapping.files import load_mapping, mapping_text
from pipelines.mapping.remembered import remember
from pipelines.settings import Settings, load_settings, today_in_finland
from pipelines.texts import text
from pipelines.warehouse.audit import AUDIT, AuditLog, Event
from pipelines.warehouse.records import ACTIVE

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
    int | None, typer.Option("--header-row", min=1, help="Row of the headers, from 1.")
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Load in spite of too many bad rows, a shrunk file or lost values.")
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
    scale: Annotated[
        str, typer.Option("--scale", help=f"Of the demo extracts: one of {', '.join(SCALES)}.")
    ] = DEFAULT_SCALE,
    warehouse: WarehouseOption = None,
) -> None:
    """Make the first warehouse: the shipped figures, and demo extracts where there is no warehouse yet."""
    from pipelines.loading.setup import set_up

    settings = _settings(warehouse)
    set_up(
        settings,
        demo=demo,
        scale=scale,
        on_demo=lambda: typer.echo(text("demo_is_made", language())),
        today=today_in_finland(),
        now=loading.utc_now(),
        loaded_by=user_name(),
        on_report=lambda report: typer.echo(report_line(report)),
        on_withdrawn=lambda record: typer.echo(
            text("load_is_withdrawn", language(), load_id=record.load_id, file=mask(record.file))
        ),
    )
    typer.echo(text("setup_done", language(), folder=settings.warehouse))
    _refresh_results(settings)


@command
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the extracts.")],
    scale: Annotated[str, typer.Option("--scale", help=f"One of {', '.join(SCALES)}.")] = "small",
    years: Annotated[
        int, typer.Option("--years", min=1, max=10, help="How many years, to the end of 2025.")
    ] = 2,
    seed: Annotated[int, typer.Option("--seed", help="Another seed gives other extracts.")] = DEFAULT_SEED,
    warehouse: WarehouseOption = None,  # noqa: ARG001  (every command takes it)
) -> None:
    """Write synthetic extracts, the same for the same seed. No warehouse is read or changed."""
    from pipelines.demo.write import write_demo

    scale_named(scale)
    try:
        written = write_demo(out, scale=scale, years=years, seed=seed)
    except OSError as error:
        raise UsageError("unwritable_folder", folder=out, reason=reason_of(error)) from error
    for path in written:
        typer.echo(path)


# Many parameters because they are the command's options.
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
    options = _options(
        mapping,
        as_of,
        window,
        source=source,
        area=area,
        scope=scope,
        force=force,
        sheet=sheet,
        header_row=header_row,
    )
    report = load_files.inspect_file(path, options, settings, today=today_in_finland())
    print_reports([report], as_json)


def _print_suggestion(path: Path, sheet: str | None, header_row: int | None, settings: Settings) -> None:
    from pipelines.suggest.first_mapping import suggest

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
            typer.echo(f"{level_name(fault.level)}: {fault.message(language())}", err=True)
        raise typer.Exit(1) from refused
    typer.echo(written, nl=False)


# Many parameters because they are the command's options.
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
    options = _options(
        mapping,
        as_of,
        window,
        source=source,
        area=area,
        scope=scope,
        force=force,
        published=published,
        sheet=sheet,
        header_row=header_row,
    )
    reports = [
        load_files.load_file(path, options, settings, now=loading.utc_now(), today=today_in_finland())
        for path in _in_order(paths)
    ]
    if any(report.status == load_report.LOADED for report in reports):
        _refresh_results(settings)
        _remember(mapping, options, settings)
    print_reports(reports, as_json)


@command
def watch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that files arrive in.")],
    area: AreaOption = None,
    once: Annotated[bool, typer.Option("--once", help="Load what is there now, then stop.")] = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Load what arrives in a folder; move it to done/ or failed/ next to the folder, with its findings.

    With --once the exit code is 1 where a file went to failed/.
    """
    settings = _settings(warehouse)
    inbox = watching.Inbox(folder, settings, _options(area=area), language())
    looks = 2 if once else None
    failed = False
    if not once:
        typer.echo(text("watching", language(), folder=folder))
    try:
        while looks is None or looks > 0:
            statuses = set()
            for arrived in inbox.look(loading.utc_now, today_in_finland):
                echo_arrived(arrived, settings)
                if arrived.report is not None:
                    statuses.add(arrived.report.status)
            failed = failed or load_report.REFUSED in statuses
            if load_report.LOADED in statuses:
                _refresh_results(settings)
            looks = None if looks is None else looks - 1
            if looks != 0:
                time.sleep(settings.watch_settle_seconds)
    except KeyboardInterrupt:
        return
    if failed:
        raise typer.Exit(1)


@command
def loads(as_json: JsonOption = False, warehouse: WarehouseOption = None) -> None:
    """The history of loads, newest first."""
    snapshot = publication.require_snapshot(_settings(warehouse))
    records = publication.loads(snapshot)
    if as_json:
        print_json({"loads": [load_report.record_to_dict(r, language()) for r in records]})
        return
    typer.echo(text("loads_heading", language()))
    for line in in_columns([history_row(record) for record in records]):
        typer.echo(line)


@command
def withdraw(load_id: LoadArgument, warehouse: WarehouseOption = None) -> None:
    """Take a load away, as if it had never been loaded."""
    settings = _settings(warehouse)
    had_demo = _demo_counts(settings)
    record = history.withdraw(settings, load_id, now=loading.utc_now())
    typer.echo(text("load_is_withdrawn", language(), load_id=record.load_id, file=mask(record.file)))
    if not had_demo and _demo_counts(settings):
        typer.echo(text("demo_is_back", language()))
    _refresh_results(settings)


AcceptLossOption = Annotated[
    bool,
    typer.Option(
        "--accept-loss", help="Leave loads out whose archive files are missing or damaged, and name them."
    ),
]


@command
def rebuild(accept_loss: AcceptLossOption = False, warehouse: WarehouseOption = None) -> None:
    """Make the warehouse again from the archive alone, and say what became of loads of earlier versions."""
    build(accept_loss=accept_loss, warehouse=warehouse)


@command
def build(
    engine: Annotated[str, typer.Option(help="What works out the rows: duckdb or spark.")] = "duckdb",
    master: Annotated[str | None, typer.Option(help="Where Spark runs; by default on this machine.")] = None,
    area: Annotated[
        str, typer.Option(help="The one area whose rows the archive may have, by its code, or all.")
    ] = "all",
    accept_loss: AcceptLossOption = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Make the warehouse again as `rebuild` does; with Spark also from an archive too large for one machine."""
    from pipelines.loading.rebuild import build as build_warehouse

    settings = _settings(warehouse)
    only = None if area == "all" else area
    options = {"now": loading.utc_now(), "accept_loss": accept_loss, "area": only}
    for sentence in build_warehouse(settings, engine, master, **options).sentences(language()):
        typer.echo(sentence)
    _refresh_results(settings)


@command
def quarantine(
    load_id: LoadArgument,
    out: Annotated[Path | None, typer.Option("--out", help="File to write, for a spreadsheet.")] = None,
    warehouse: WarehouseOption = None,
) -> None:
    """The rows of a load that were set aside, with the reason of each in the first column. The audit log records it."""
    settings = _settings(warehouse)
    rows = history.quarantine_csv(settings, load_id, language())
    details = {"load": load_id.zfill(6), "rows": str(history.rows_of(rows)), "taken": "quarantine"}
    try:
        AuditLog(settings.warehouse / AUDIT).append(
            Event.ROWS_SEEN, datetime.now(UTC), user_name(), **details
        )
    except OSError as error:
        raise WarehouseError("disk", reason=reason_of(error, settings.warehouse / AUDIT)) from error
    if out is None:
        typer.echo(rows, nl=False)
        return
    load_files.write_file(out, rows.encode("utf-8-sig"))
    typer.echo(text("quarantine_written", language(), count=history.rows_of(rows), path=out))


@command
def check(as_json: JsonOption = False, warehouse: WarehouseOption = None) -> None:
    """Is everything whole, fresh and mapped? Exit code 1 where something is wrong."""
    from pipelines.quality.check import NOT_READABLE
    from pipelines.quality.check import check as find_problems

    settings = _settings(warehouse)
    problems = find_problems(settings, today=today_in_finland())
    ok = not any(problem.level == "error" for problem in problems)
    if as_json:
        print_json({"ok": ok, "problems": [vars(problem) for problem in problems]})
    else:
        for problem in problems:
            sentence = text(
                f"check_{problem.code}", language(), subject=problem.subject, detail=problem.detail
            )
            typer.echo(f"{level_name(problem.level)}: {sentence}")
        typer.echo(text("check_ok" if ok else "check_failed", language()))
    if any(problem.code == NOT_READABLE for problem in problems):
        raise typer.Exit(WarehouseDamaged.exit_code)
    if not ok:
        raise typer.Exit(1)


@command
def deliver(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Make the sheets and say who would get them; send nothing.")
    ] = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Mail the weekly sheets of the list in the setting `deliveries`. Exit code 1 where one was not sent."""
    from pipelines.delivery.send import FAILED, NOT_ALLOWED
    from pipelines.delivery.send import deliver as deliver_sheets

    done = deliver_sheets(_settings(warehouse), now=loading.utc_now(), dry_run=dry_run)
    for one in done:
        sentence = text(
            f"delivered_{one.status}",
            language(),
            to=one.to,
            file=one.file,
            units=", ".join(one.sheet.units),
            reason=one.reason,
        )
        typer.echo(sentence)
    if any(one.status in (FAILED, NOT_ALLOWED) for one in done):
        raise typer.Exit(1)


def _refresh_results(settings: Settings) -> None:
    for reason in refresh_results(settings):
        typer.echo(text("results_not_refreshed", language(), reason=reason), err=True)


def _remember(mapping: Path | None, options: LoadOptions, settings: Settings) -> None:
    """Store a mapping of one file, for the page to offer."""
    if mapping is not None and options.mapping is not None and mapping.is_file():
        remember(settings.warehouse, options.mapping, mapping_text(mapping.read_bytes()))


def _settings(warehouse: Path | None) -> Settings:
    return load_settings().with_warehouse(warehouse)


def _demo_counts(settings: Settings) -> bool:
    return any(
        r.demo and r.status == ACTIVE for r in publication.loads(publication.require_snapshot(settings))
    )


def _options(
    mapping: Path | None = None, as_of: str | None = None, window: str | None = None, **others: Any
) -> LoadOptions:
    """The options of a load, mapping and dates parsed. Raises UsageError."""
    options = LoadOptions(
        mapping=None if mapping is None else load_mapping(mapping),
        as_of=None if as_of is None else _date(as_of),
        window=None if window is None else _window(window),
        loaded_by=user_name(),
        **others,
    )
    options.check()
    return options


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise UsageError("bad_date_option", option="--as-of", value=value) from error


def _window(value: str) -> Window:
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
