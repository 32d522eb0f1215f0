"""Copy what cannot be made again of the warehouse to one file: `python -m deploy.backup FOLDER [--keep-days N]`.

The published versions are left out, as `rebuild` makes them from the archive. The copy waits for a load under way and
holds up the next one, so that it is whole; it is read through once before it gets its name.
"""

from __future__ import annotations

import os
import time
import zipfile
from pathlib import Path
from typing import Annotated

import typer

from pipelines.command_line import register
from pipelines.errors import WarehouseMissing
from pipelines.settings import load_settings
from pipelines.warehouse.swap_version import writer_lock

#: Made again by `rebuild`, or only of use while something runs.
MADE_AGAIN = {"versions", "segments", "CURRENT", "spill", "write.lock", "jobs", "signed_out"}
NAME = "takuuvahti-{}.zip"
_WAIT_SECONDS = 3600
_DAY_SECONDS = 24 * 60 * 60

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@register(app)
def backup(
    folder: Annotated[Path, typer.Argument(help="Where the copies lie; not on the warehouse's disk.")],
    keep_days: Annotated[
        int, typer.Option("--keep-days", min=1, help="Older copies are deleted, never the newest.")
    ] = 30,
) -> None:
    """Back up the warehouse, and print the name of the copy."""
    warehouse = load_settings().warehouse
    if not (warehouse / "archive").is_dir():
        raise WarehouseMissing("warehouse_missing", folder=warehouse)
    with writer_lock(warehouse, _WAIT_SECONDS):
        copy = back_up(warehouse, folder)
        delete_old(folder, keep_days, copy)
    typer.echo(copy)


def back_up(warehouse: Path, folder: Path) -> Path:
    """Return the copy of a warehouse that nobody writes to, readable by its owner alone.

    Raises OSError where it cannot be written or does not read as it was written.
    """
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / NAME.format(time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()))
    unfinished = copy.with_suffix(".unfinished")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(warehouse.rglob("*")):
                name = path.relative_to(warehouse)
                if name.parts[0] not in MADE_AGAIN and path.is_file():
                    archive.write(path, name)
        with zipfile.ZipFile(unfinished) as archive:
            if (damaged := archive.testzip()) is not None:
                raise OSError(f"{damaged} does not read as it was written")
        unfinished.replace(copy)
    finally:
        unfinished.unlink(missing_ok=True)
    return copy


def delete_old(folder: Path, keep_days: int, newest: Path) -> None:
    """Delete the copies made before the days to keep."""
    oldest = time.time() - keep_days * _DAY_SECONDS
    for path in folder.glob(NAME.format("*")):
        if path != newest and path.stat().st_mtime < oldest:
            path.unlink()


if __name__ == "__main__":
    app()
