"""What the command line of the pipelines prints: reports of loads, the history, JSON."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

import typer

from pipelines.command_line import language
from pipelines.findings import written_day
from pipelines.identity_codes import mask
from pipelines.loading.report import INSPECTED, LOADED, REFUSED, LoadReport
from pipelines.loading.watch import Arrived
from pipelines.settings import Settings
from pipelines.texts import text
from pipelines.warehouse.records import LoadRecord


def print_reports(reports: list[LoadReport], as_json: bool) -> None:
    if as_json:
        print_json({"loads": [report.to_dict(language()) for report in reports]})
    else:
        for report in reports:
            echo_report(report)
    if any(report.status == REFUSED for report in reports):
        raise typer.Exit(1)


def echo_report(report: LoadReport) -> None:
    typer.echo(report_line(report))
    if report.extract_date is not None and report.extract_date_from:
        typer.echo("  " + dates_line(report, report.extract_date))
    if report.takes_demo_away and report.status in (LOADED, INSPECTED):
        typer.echo("  " + text(f"demo_goes_{report.status}", language()))
    for finding in report.findings:
        typer.echo(f"  {level_name(finding.level)}: {finding.message(language())}")


def level_name(level: str) -> str:
    """The name of a level of findings or problems: what stops something is an error, anything else a warning."""
    return text("level_warning" if level == "warning" else "level_error", language())


def dates_line(report: LoadReport, extract_date: date) -> str:
    """The extract date and the window of a file, and where they come from."""
    if report.window is None:
        window = text("no_window", language())
    else:
        first, last = map(written_day, report.window)
        source = text(f"date_from_{report.window_from}", language())
        window = text("window_is", language(), first=first, last=last, source=source)
    return text(
        "extract_date_is",
        language(),
        date=written_day(extract_date),
        source=text(f"date_from_{report.extract_date_from}", language()),
        window=window,
    )


def report_line(report: LoadReport) -> str:
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


def print_json(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def history_row(r: LoadRecord) -> tuple[str, ...]:
    """A load of the history in columns."""
    counts = (f"+{r.rows_new}", f"~{r.rows_changed}", f"-{r.rows_removed}", f"!{r.rows_quarantined}")
    when, file = f"{r.loaded_at:%Y-%m-%d %H:%M}", mask(r.file) + ("  [demo]" if r.demo else "")
    status = text(f"load_status_{r.status}", language())
    return (r.load_id, when, status, r.source, r.origin, str(r.extract_date), *counts, file)


def in_columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows as lines whose columns are as wide as the longest text in them."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def echo_arrived(arrived: Arrived, settings: Settings) -> None:
    if arrived.report is None:
        typer.echo(text("watch_busy", language(), file=arrived.name, reason=arrived.waits_for), err=True)
        return
    echo_report(arrived.report)
    if arrived.report.status == REFUSED and arrived.moved_to is not None:
        typer.echo(
            text(
                "watch_failed",
                language(),
                file=arrived.name,
                folder=arrived.moved_to.parent,
                days=settings.watch_keep_days,
            )
        )
