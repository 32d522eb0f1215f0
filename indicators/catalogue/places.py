"""Where the files that ship with the software stand."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "data" / "reference"
FIGURES = ROOT / "data" / "figures"
LOCALE = ROOT / "data" / "locale"
