"""Put a copy back into an empty warehouse folder and make the warehouse again: `python -m deploy.restore COPY`.

Stop what loads first, and put the key back. Ends with the exit code of `rebuild`, or of `check` after it; with 3 where
the folder is not empty or the copy cannot be read.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pipelines.command_line import register
from pipelines.settings import load_settings

_NOT_RESTORED = 3

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@register(app)
def restore(
    copy: Annotated[Path, typer.Argument(help="A file that deploy.backup made.")],
) -> None:
    """Restore the warehouse from a copy."""
    warehouse = load_settings().warehouse
    if warehouse.exists() and any(warehouse.iterdir()):
        _stop(f"{warehouse} is not empty. Move it away first; nothing was changed.")
    os.umask(0o077)
    try:
        with zipfile.ZipFile(copy) as archive:
            if (damaged := archive.testzip()) is not None:
                _stop(f"{copy} is damaged: {damaged} does not read as it was written. Nothing was changed.")
            archive.extractall(warehouse)
    except (OSError, zipfile.BadZipFile, zlib.error) as error:
        _stop(f"{copy} could not be put back: {error}")
    for command in ("rebuild", "check"):
        ended = subprocess.run([sys.executable, "-m", "pipelines", command], check=False)  # noqa: S603 – our own
        if ended.returncode:
            raise typer.Exit(ended.returncode)


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(_NOT_RESTORED)


if __name__ == "__main__":
    app()
