"""The message catalogues of the languages, `data/locale/<language>/*.po`: keys are the English texts."""

from __future__ import annotations

import gettext
import io
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from indicators.catalogue.places import LOCALE


def catalogue_files(language: str) -> list[Path]:
    """The message catalogues of a language, in the order of their names."""
    return sorted((LOCALE / language).glob("*.po"))


@cache
def translations(language: str) -> gettext.NullTranslations:
    """All messages of a language; English ones are their own keys."""
    whole = Catalog(locale=language)
    for path in catalogue_files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    whole.add(message.id, message.string)
    if not len(whole):
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
