"""What both command lines share: expected errors as one sentence with an exit code, and who is at the keyboard."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import typer

from indicators.catalogue.errors import TakuuvahtiError, UsageError
from pipelines.identity_codes import mask
from pipelines.settings import load_settings
from pipelines.warehouse.reader import damage_named


def language() -> str:
    """The language of messages: the setting `default_language`; English where the settings are broken."""
    try:
        return load_settings().default_language
    except UsageError:
        return "en"


@contextmanager
def plain_errors() -> Iterator[None]:
    """Expected errors become one sentence on standard error and the exit code they carry."""
    try:
        with damage_named():
            yield
    except TakuuvahtiError as error:
        # A sentence names paths and values as they were given, and these may be anything.
        typer.echo(mask(error.message(language())), err=True)
        raise typer.Exit(error.exit_code) from error


def register(app: typer.Typer, name: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that registers a function as a command whose expected errors are plain sentences."""

    def registered(function: Callable[..., Any]) -> Callable[..., Any]:
        @app.command(name)
        @wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> None:
            with plain_errors():
                function(*args, **kwargs)

        return wrapped

    return registered


def user_name() -> str:
    """The account that runs the program; its number where the system knows no name for it.

    >>> bool(user_name())
    True
    """
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else "?"
