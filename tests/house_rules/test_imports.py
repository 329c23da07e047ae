"""Who may import whom: one way through the house, no circle, and one place that knows which database it is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from source import ROOT, SOURCE, imports, modules, name_of

EVERYBODY = {"errors", "config", "contradictions", "measures", "progress", "trail"}
"""What every room may know, but the rules themselves."""

MAY_IMPORT = {
    "errors": {"domain"},
    "environment": {"domain", "errors"},
    "error_reports": {"environment", "trail"},
    "guessable": set(),
    "progress": set(),
    "measures": set(),
    "trail": set(),
    "logs": {"errors", "trail"},
    "contradictions": {"guessable"},
    "env_file": {"errors"},
    "other_services": {"domain", "environment"},
    "config": {"contradictions", "domain", "env_file", "environment", "error_reports", "errors", "other_services"},
    "domain": set(),
    "providers": {"domain", *EVERYBODY},
    "storage": {"domain", *EVERYBODY},
    "jobs": {"storage", "domain", *EVERYBODY},
    "jobs.tasks": {"jobs", "services", "storage", "domain", *EVERYBODY},
    "services": {"jobs.engine", "jobs.retries", "providers", "storage", "domain", *EVERYBODY},
    "intake": {"services", "providers.shopify", "storage", "domain", *EVERYBODY},
    "server": {"intake", "measures", "storage.records.deliveries", "progress"},
    "server.reports": {
        "server",
        "intake",
        "services.report_service",
        "storage.records.reports",
        "errors",
    },
    "web": {"guessable", "services", "intake", "providers.shopify.versions", "storage", "domain", *EVERYBODY},
    "sandbox": {"providers.connections", "errors"},
    "doctor": {"services", "providers", "intake", "jobs", "storage", "domain", *EVERYBODY},
    "bootstrap": {
        "error_reports",
        "sandbox",
        "server",
        "web",
        "intake",
        "services",
        "providers",
        "jobs",
        "storage",
        "domain",
        *EVERYBODY,
    },
    # The worker examines all as the command does, for whoever asks on a page: a web request could not wait so long.
    "bootstrap.worker": {
        "bootstrap",
        "error_reports",
        "doctor",
        "services",
        "providers",
        "jobs",
        "storage",
        "domain",
        *EVERYBODY,
    },
    "policy_commands": {"bootstrap", "domain", *EVERYBODY},
    "do_not_call_commands": {"bootstrap", "domain", *EVERYBODY},
    "calls_commands": {"bootstrap", "domain", *EVERYBODY},
    "kalimera_commands": {"bootstrap", "services.first_call", "domain", *EVERYBODY},
    "people_commands": {"bootstrap", "domain", "services.api_keys", "services.people", *EVERYBODY},
    "audit_commands": {"bootstrap", *EVERYBODY},
    "alerts_commands": {"bootstrap", *EVERYBODY},
    "privacy_commands": {"bootstrap", "domain", *EVERYBODY},
    "cli": {
        "alerts_commands",
        "audit_commands",
        "privacy_commands",
        "calls_commands",
        "people_commands",
        "kalimera_commands",
        "policy_commands",
        "do_not_call_commands",
        "bootstrap",
        "doctor",
        "env_file",
        "sandbox",
        "logs",
        "processes",
        "providers",
        "domain",
        *EVERYBODY,
    },
    "processes": {"__init__", "logs", *EVERYBODY},
    "processes.serve": {"bootstrap.demo", "bootstrap.web", "env_file", "server", "processes", *EVERYBODY},
    "processes.flask_run": {"cli", "processes", *EVERYBODY},
    "__init__": {"bootstrap.web", *EVERYBODY},
    "__main__": {"cli"},
}
"""Every folder and every module beside them. Where a module of a folder has a line of its own, that line counts."""


def room_of(name: str) -> str:
    return name if name in MAY_IMPORT else name.split(".")[0]


def allowed(imported: str, rooms: set[str]) -> bool:
    return any(imported == room or imported.startswith(f"{room}.") for room in rooms)


def test_every_folder_and_module_has_its_line() -> None:
    assert {room_of(name_of(path)) for path in modules()} == set(MAY_IMPORT)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_follow_the_path_and_never_turn_back(room: str) -> None:
    mine = [path for path in modules() if room_of(name_of(path)) == room]

    wrong = [
        f"{name_of(path)} imports {imported}"
        for path in mine
        for imported in imports(path)
        if not allowed(imported, MAY_IMPORT[room] | {room})
    ]

    assert mine
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name_of(path): set(imports(path)) - {name_of(path)} for path in modules()}

    assert len(list(TopologicalSorter(graph).static_order())) >= len(graph)


KNOW_THE_DATABASE = {
    "environment": "reads the address",
    "storage.table_parts": "columns and indexes that have a type or a condition of each",
    "storage.engine.faults": "what an error of SQLite's means",
    "storage.engine.database_file": "the one that is open",
    "storage.engine.opening": "chooses by the address",
    "storage.engine.sqlite_database": "the door to a file",
    "storage.engine.postgres_database": "the door to a server",
    "storage.engine.pooler": "what stands before a server",
    "storage.engine.dialects": "asks, inside of a transaction",
    "storage.engine.batches": "what stands in place of a value",
    "storage.engine.index_hints": "SQLite is told the index",
    "storage.engine.backup": "copies a file",
    "storage.engine.pg_dump": "runs the programs of a server",
    "storage.engine.copying": "reads a file into a server",
    "storage.engine.move": "moves a file's shop to a server",
    "storage.reads.search": "two indexes of words",
    "jobs.stores": "chooses by the door",
    "jobs.schemas": "the engine's tables",
    "jobs.queue": "how a job says that it could start",
}
"""Every module that has to do with one of the databases or asks which it is, and why; those of ``SPEAK_ONE`` apart."""

SPEAK_ONE = re.compile(r"jobs\.(sqlite|postgres)\b|storage\.(reads\.(sqlite|postgres)_|migrations\b)")
"""What is behind the choice: it speaks to one of the databases."""


def knows_the_database(path: Path) -> bool:
    """Return whether a file imports something of one database, or asks which of them it is."""
    one_of_them = re.compile(r"\b(sqlite|postgres|psycopg)", re.IGNORECASE)
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.ImportFrom(module=str(module)) if one_of_them.search(module):
                return True
            case ast.Import(names=names) if any(one_of_them.search(alias.name) for alias in names):
                return True
            case ast.Attribute(attr="dialect") | ast.Constant(value="sqlite" | "postgresql") | ast.Name(id="InEach"):
                return True
            case ast.Constant(value=str(words)) if words.startswith(("INDEXED BY", "NOT INDEXED")):
                return True
    return False


def test_nobody_else_knows_which_database_it_is() -> None:
    others = [path for path in modules() if not SPEAK_ONE.match(name_of(path))]

    assert {name_of(path) for path in others if knows_the_database(path)} == set(KNOW_THE_DATABASE)


@pytest.mark.parametrize(
    ("loaded", "needless"),
    [
        ("cli", {"sqlalchemy", "flask", "granian"}),
        ("bootstrap.worker", {"flask", "jinja2", "granian", "alembic", "graphql"}),
        ("bootstrap.web", {"aiohttp", "alembic", "graphql"}),
    ],
)
def test_a_process_loads_nothing_that_it_never_needs(loaded: str, needless: set[str]) -> None:
    names = f"import sys, ordercall.{loaded}; print(*sys.modules)"
    loads = subprocess.run([sys.executable, "-c", names], capture_output=True, text=True, check=True).stdout.split()

    assert f"ordercall.{loaded}" in loads
    assert needless & set(loads) == set()


OPTIONAL = {"sentry-sdk"}
"""Packages that a setting asks for, and that whoever sets it installs."""


def test_whatever_is_imported_is_installed_with_the_program() -> None:
    named = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements" / "run.txt").read_text(), re.M)
    of_module = packages_distributions()
    imported = {
        package.lower()
        for path in SOURCE.rglob("*.py")
        for module in re.findall(r"^ *(?:from|import) (\w+)", path.read_text(), re.M)
        for package in of_module.get(module, [])
    }

    assert "flask" in imported
    assert imported - {*named, *OPTIONAL, "ordercall"} == set()


def built(path: Path, names: set[str]) -> set[str]:
    """Return which of these classes a file makes objects of."""
    text = path.read_text()
    if not any(f"{name}(" in text for name in names):  # to parse all the others takes half a second
        return set()
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)} & names


def test_the_services_are_wired_in_one_place() -> None:
    files = [*modules(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    classes = {
        name for path in modules("services") for name in re.findall(r"^class (\w+Service)\b", path.read_text(), re.M)
    }
    root = [path for path in files if path.parent == SOURCE / "bootstrap"]

    assert set().union(*(built(path, classes) for path in root)) == classes != set()
    assert {path.name: found for path in files if path not in root and (found := built(path, classes))} == {}
