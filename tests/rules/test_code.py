"""Laws of the code that runs for users."""

import ast
import re
from pathlib import Path

import pytest

from tests.rules.repository import CODE, docstrings, page_files, place, python_files, tree

#: Files that are an entry point: they may read the clock and pass it on.
ENTRY_POINTS = {
    "pipelines/cli.py",
    "pipelines/__main__.py",
    "indicators/cli.py",
    "indicators/__main__.py",
    "pages/access/session.py",
    "pages/ui/cache.py",
    "pages/ui/loading.py",
}
#: The functions an entry point takes the clock from; nothing else in the file may read it.
CLOCK_FUNCTIONS = {"pipelines/loading/load.py": {"utc_now"}, "pipelines/settings.py": {"today_in_finland"}}
CLOCK = {"now", "today", "utcnow"}

#: Streamlit calls whose first text, or a text of these names, a person reads.
SHOWN_NAMES = {"label", "body", "help", "placeholder", "text", "title", "caption", "alt", "page_title"}
#: Streamlit calls whose texts nobody reads: keys and settings.
SILENT_CALLS = {
    "session_state",
    "query_params",
    "columns",
    "cache_data",
    "cache_resource",
    "Page",
    "switch_page",
}
SILENT_CALLS |= {"set_page_config", "container", "fragment", "empty", "rerun", "stop", "navigation", "space"}
#: Calls whose first argument names something; the other texts are read.
NAMED_FIRST = {"page_link"}
WORD = re.compile(r"[^\W\d_]{2,}")
SQL = re.compile(r"\b(SELECT\b.+\bFROM|INSERT\s+INTO|DELETE\s+FROM|CREATE\s+TABLE|UPDATE\b.+\bSET)\b", re.S)


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


def is_streamlit_call(call: ast.Call) -> bool:
    """`st.x(…)`, `st.sidebar.x(…)`."""
    node = call.func
    while isinstance(node, ast.Attribute):
        if node.attr in SILENT_CALLS:
            return False
        node = node.value
    return isinstance(node, ast.Name) and node.id == "st"


def literal_words(node: ast.expr) -> str | None:
    """The text of a literal with words in it, also inside an f-string, a sum or a choice; None where there is none.

    Calls are not looked into: `_("…")` and the formatters are where texts belong.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if WORD.search(node.value) and not node.value.startswith(":material/") else None
    parts: list[ast.expr] = []
    if isinstance(node, ast.JoinedStr):
        parts = [part for part in node.values if isinstance(part, ast.Constant)]
    elif isinstance(node, ast.BinOp):
        parts = [node.left, node.right]
    elif isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, ast.BoolOp):
        parts = node.values
    elif isinstance(node, ast.List | ast.Tuple):
        parts = node.elts
    return next((text for part in parts if (text := literal_words(part))), None)


def shown_texts(call: ast.Call) -> list[str]:
    """The literal texts of a Streamlit call that a person would read."""
    if not is_streamlit_call(call):
        return []
    named_first = isinstance(call.func, ast.Attribute) and call.func.attr in NAMED_FIRST
    first = [] if named_first else call.args[:1]
    shown = [*first, *(word.value for word in call.keywords if word.arg in SHOWN_NAMES)]
    return [text for node in shown if (text := literal_words(node))]


def literal_texts(path: Path) -> list[str]:
    return [f"{place(path, call)}: {text!r}" for call in calls(path) for text in shown_texts(call)]


def reads_clock(call: ast.Call) -> bool:
    """`datetime.now()`, `date.today()`, `pd.Timestamp.now()`, `time.time()`, however they were imported."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return (function.attr in CLOCK and name in {"datetime", "date", "Timestamp"}) or (
        function.attr in {"time", "localtime", "gmtime"} and name == "time"
    )


def test_pages_hold_no_literal_visible_text() -> None:
    assert not [fault for path in page_files() for fault in literal_texts(path)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('st.title("Jonot")', True),
        ('st.markdown(f"**{name}** odottaa")', True),
        ('st.sidebar.button(_("Load"), help="Lataa")', True),
        ('st.metric("Osuus" if finnish else other, 5)', True),
        ('st.title(_("Queues"))', False),
        ('st.markdown(f"**{name}**: {value}")', False),
        ('st.session_state.get("some_key")', False),
        ('st.columns(2, gap="small")', False),
        ('st.space("small")', False),
        ('st.page_link("pages/queues.py", label=_("Queues"))', False),
        ('st.page_link("pages/queues.py", label="Jonot")', True),
        ('print("a word")', False),
    ],
)
def test_literal_text_is_found(line: str, found: bool) -> None:
    assert bool(shown_texts(ast.parse(line, mode="eval").body)) is found


def test_pages_hold_no_sql() -> None:
    faults = []
    for path in python_files("app.py", "pages"):
        texts = docstrings(path)
        faults += [
            place(path, node)
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in texts
            and SQL.search(node.value)
        ]
    assert not faults


def test_no_assert_outside_tests() -> None:
    asserts = [
        place(path, node)
        for path in python_files(*CODE)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assert)
    ]
    assert not asserts


def test_only_entry_points_read_the_clock() -> None:
    faults = []
    for path in python_files(*CODE):
        if place(path) in ENTRY_POINTS:
            continue
        excused = {
            id(inner)
            for node in ast.walk(tree(path))
            if isinstance(node, ast.FunctionDef) and node.name in CLOCK_FUNCTIONS.get(place(path), set())
            for inner in ast.walk(node)
        }
        faults += [place(path, call) for call in calls(path) if reads_clock(call) and id(call) not in excused]
    assert not faults


def test_every_public_module_says_what_it_is() -> None:
    silent = [
        place(path)
        for path in python_files(*CODE)
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(path))
    ]
    assert not silent


@pytest.mark.parametrize(
    "line", ["datetime.now(UTC)", "datetime.datetime.now()", "date.today()", "time.time()"]
)
def test_a_read_clock_is_found(line: str) -> None:
    assert reads_clock(ast.parse(line, mode="eval").body)


def test_scripts_for_browsers_are_those_that_the_policy_knows() -> None:
    """An inline script anywhere else would not run: the Content-Security-Policy has no hash of it."""
    found = {
        place(path)
        for path in python_files("app.py", "pages")
        if "<script" in (text := path.read_text(encoding="utf-8")) or "unsafe_allow_javascript" in text
    }
    assert found == {"pages/ui/scripts.py"}
