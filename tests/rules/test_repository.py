"""Laws of the repository: what it names exists, and it stands alone."""

import importlib
import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from typer.main import get_command

from pipelines.settings import Settings
from tests.rules.repository import ROOT, place, tracked_files

LANGUAGES = ("fi", "sv", "en")
FINDING_LEVELS = {"file", "row", "warning"}
FINDINGS = ROOT / "pipelines" / "findings.toml"
FIXTURES = ROOT / "tests" / "fixtures" / "extracts"
DEFINITIONS = ROOT / "indicators" / "definitions"
DEFINITION_TEXTS = ("name", "short", "what", "formula", "source", "weaknesses")
LAYOUT = {
    *("app.py", "pages", "data", "pipelines", "indicators", "tests", "requirements.txt", ".streamlit"),
    *("README.md", "Makefile", "pyproject.toml", "requirements-dev.txt", "CHANGELOG.md", "LICENSE"),
    *("docs", ".ci", ".gitignore", ".gitattributes", "deploy", "SECURITY.md"),
    *("requirements.lock", "requirements-dev.lock", "requirements-spark.txt", "requirements-spark.lock"),
}
BINARY = {".png", ".xlsx", ".gz", ".zip", ".parquet", ".mo", ".ico", ".duckdb"}
#: Built of pieces, so that this file does not find itself.
MACHINE_PATHS = re.compile(
    "|".join(
        (
            "/ho" + r"me/\w",
            "/Us" + r"ers/\w",
            "/ro" + "ot/",
            "/wo" + "rk/",
            "/t" + "mp/",
            r"[A-Z]:\\Us" + "ers",
        )
    )
)
REGISTRY_HOSTS = re.compile(
    "|".join(
        (
            "pypi" + r"\.org",
            "pythonhosted" + r"\.org",
            "index" + "-url",
            "registry" + r"\.npmjs",
            "artifact" + "ory",
        )
    )
)
MARKDOWN_LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE_SPAN = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```\w*\n(.*?)^```", re.M | re.S)
PATH_LIKE = re.compile(r"^\.?[\w.-]+(?:/[\w.<>-]+)*/?$")
#: Named in documents, made by the application or by the reader.
MADE_LATER = {"data/warehouse", ".venv", "data/demo", "data/inbox"}


def documents() -> list[Path]:
    return [p for p in tracked_files() if p.suffix == ".md" and "oracle_cases" not in p.parts]


def text_files() -> list[tuple[Path, str]]:
    found = []
    for path in tracked_files():
        if path.suffix not in BINARY and "fixtures" not in path.parts:
            found.append((path, path.read_bytes().decode("utf-8", errors="replace")))
    return found


def test_the_root_holds_only_what_a_repository_needs() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked_files()} <= LAYOUT


def test_no_machine_path_and_no_registry_host() -> None:
    faults = [
        f"{place(path)}: {match.group()}"
        for path, text in text_files()
        for pattern in (MACHINE_PATHS, REGISTRY_HOSTS)
        for match in pattern.finditer(text)
    ]
    assert not faults


def test_requirements_are_pinned_exactly() -> None:
    loose = []
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-spark.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            wanted = line.partition("#")[0].strip()
            if wanted and not wanted.startswith("-r ") and not re.fullmatch(r"[\w.\[\]-]+==[\w.]+", wanted):
                loose.append(f"{name}: {line}")
    assert not loose


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-spark"])
def test_the_lock_files_hold_every_requirement_with_its_hashes(name: str) -> None:
    locked = (ROOT / f"{name}.lock").read_text(encoding="utf-8")
    entries = re.findall(
        r"^([\w.-]+==[^\s;]+)[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)", locked, re.M
    )
    pins = {pin for pin, _hashes in entries}
    assert len(pins) == len(re.findall(r"^[^\s#]", locked, re.M)), "every line has its hashes"
    wanted = (ROOT / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert {line for line in wanted if "==" in line} <= pins
    assert set(re.findall(r"^\w\S+", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.M)) <= pins


def test_every_path_a_document_links_to_exists() -> None:
    missing = []
    for document in documents():
        text = FENCE.sub("", document.read_text(encoding="utf-8"))
        for target in MARKDOWN_LINK.findall(text):
            if (
                "://" not in target
                # Pages of the application, which the tests of the user guide look at.
                and not target.startswith(("mailto:", "page:"))
                and not (document.parent / target).exists()
            ):
                missing.append(f"{place(document)}: {target}")
    assert not missing


def test_every_path_the_readme_names_exists() -> None:
    text = FENCE.sub("", (ROOT / "README.md").read_text(encoding="utf-8"))
    named = {span.rstrip("/") for span in CODE_SPAN.findall(text) if "/" in span and PATH_LIKE.match(span)}
    assert named, "the README names where things live"
    named = {name for name in named if not name.startswith(tuple(MADE_LATER))}
    assert not sorted(name for name in named if not (ROOT / name).exists())


#: Documents whose commands are tried by people: each of them must exist.
WITH_COMMANDS = ("README.md", "docs/operations.md", "docs/performance.md", "docs/scale.md")


def commands(document: str) -> list[str]:
    """Every line of a document's code blocks and every code span that is a command, without its comment.

    What a service or a scheduled task is told to start is a command too.
    """
    text = (ROOT / document).read_text(encoding="utf-8")
    lines = [line.strip() for block in FENCE.findall(text) for line in block.splitlines()]
    lines += [span.strip() for span in CODE_SPAN.findall(FENCE.sub("", text))]
    lines = [line.partition(" #")[0].strip().removeprefix("ExecStart=") for line in lines]
    lines += [f"python {told}" for line in lines for told in re.findall(r'"(-m [^"]+)"', line)]
    return [line for line in lines if re.match(r"(make|\S*python\S*) ", line)]


def test_the_readme_names_the_two_commands() -> None:
    assert {"make run", "make test"} <= set(commands("README.md"))


def test_only_the_starts_for_one_person_say_that_one_person_uses_it() -> None:
    said = "TAKUUVAHTI_SINGLE_USER"
    for name in ("README.md", "Makefile"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        starts = [number for number, line in enumerate(lines) if "-m streamlit run" in line]
        assert starts
        assert all(said in lines[number] or said in lines[number - 1] for number in starts)
    assert not [
        place(path)
        for path in tracked_files()
        if "deploy" in path.relative_to(ROOT).parts[:1] and said in path.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("command", sorted({line for name in WITH_COMMANDS for line in commands(name)}))
def test_every_command_of_the_documents_exists(command: str) -> None:
    words = command.split()
    if words[0] == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
        assert words[1] in targets
    elif len(words) > 3 and words[1] == "-m" and words[2] in {"pipelines", "indicators"}:
        application = get_command(importlib.import_module(f"{words[2]}.cli").app)
        assert words[3] in application.commands
        options = {name for option in application.commands[words[3]].params for name in option.opts}
        options |= {
            name for option in application.commands[words[3]].params for name in option.secondary_opts
        }
        assert {word for word in words[4:] if word.startswith("--")} <= options
    elif len(words) > 2 and words[1] == "-m":
        module = ROOT / words[2].replace(".", "/")
        own = module.with_suffix(".py").is_file() or (module / "__main__.py").is_file()
        assert own or words[2] in {"venv", "pip", "streamlit", "pytest"}
    else:
        pytest.fail(f"what is {command!r}?")


def test_the_operations_document_names_settings_that_exist() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    known = {field.name for field in fields(Settings)}
    rows = re.findall(r"^\|[^|]*\| `(\w+)` \|", text, re.M)
    assert len(rows) >= 3
    assert set(rows) <= known


def test_every_finding_has_a_level_and_texts() -> None:
    with FINDINGS.open("rb") as file:
        findings = tomllib.load(file)
    assert findings
    for code, finding in findings.items():
        assert finding["level"] in FINDING_LEVELS, code
        texts = finding.get("message", finding)
        assert all(texts.get(language, "").strip() for language in LANGUAGES), code


def test_every_finding_has_a_fixture_that_raises_it() -> None:
    with FINDINGS.open("rb") as file:
        codes = set(tomllib.load(file))
    without = sorted(
        code for code in codes if not (FIXTURES / code).is_dir() or not any((FIXTURES / code).iterdir())
    )
    assert not without
    assert not sorted(
        folder.name for folder in FIXTURES.iterdir() if folder.is_dir() and folder.name not in codes
    )


def test_every_definition_has_its_texts_in_three_languages() -> None:
    files = sorted(DEFINITIONS.glob("*.toml"))
    assert files
    faults = []
    for path in files:
        with path.open("rb") as file:
            texts = tomllib.load(file)["text"]
        faults += [
            f"{path.name}: {language}.{name}"
            for language in LANGUAGES
            for name in DEFINITION_TEXTS
            if not texts.get(language, {}).get(name, "").strip()
        ]
    assert not faults


def test_three_languages_in_every_file_of_sentences() -> None:
    faults = []
    for path in (ROOT / "pipelines").glob("*.toml"):
        with path.open("rb") as file:
            entries = tomllib.load(file)
        faults += [
            f"{path.name}: {code}.{language}"
            for code, texts in entries.items()
            for language in LANGUAGES
            if isinstance(texts, dict) and not texts.get("message", texts).get(language, "").strip()
        ]
    assert not faults


def test_every_reference_file_says_where_it_comes_from() -> None:
    sources = (ROOT / "data" / "reference" / "SOURCES.md").read_text(encoding="utf-8")
    files = {path.name for path in (ROOT / "data" / "reference").glob("*.csv")}
    assert not sorted(name for name in files if name not in sources)


def test_the_changelog_says_which_numbers_changed() -> None:
    assert "Numbers that changed" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_decisions_are_short() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    long = [part.splitlines()[0] for part in text.split("\n## ")[1:] if len(part.strip().splitlines()) > 11]
    assert not long
