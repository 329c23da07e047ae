"""The house guards itself: these tests read the code, the settings and the documents."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ordercall.bootstrap.web import create_app
from ordercall.cli import cli
from ordercall.config import read_settings
from ordercall.domain.activity import Event
from ordercall.web.timeline import WORDS

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "ordercall"
DOORS = {"session", "token_or_session", "this_machine_or_token", "signature", "nobody"}

MAY_IMPORT = {
    "domain": set(),
    "storage": {"domain"},
    "jobs.engine": {"jobs", "storage", "domain"},
    "services": {"jobs.engine", "jobs.retries", "storage", "domain"},
    "jobs.tasks": {"services", "storage", "jobs", "domain"},
    "intake": {"services", "storage", "domain"},
    "web": {"services", "storage", "intake", "domain"},
    "sandbox": set(),
}
"""Who may import whom, beside errors and config. Migrations stand apart: they make the engine's tables too."""

CLIENTS = (
    "provider_http",
    "kalimera_service",
    "shopify_admin",
    "shopify_grant",
    "shopify_service",
    "shopify_app",
    "shopify_orders",
    "graphql_cancellation",
    "rest_cancellation",
    "rest_orders",
    "graphql_orders",
    "order_shape",
    "query_budget",
)
"""The services that speak to a provider."""


def modules(folder: str) -> Iterator[Path]:
    yield from sorted(path for path in (SOURCE / folder).rglob("*.py") if "migrations" not in path.parts)


def imports(path: Path) -> Iterator[str]:
    """Return the ordercall modules that a file imports, without the package's name."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [node.module] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        yield from (name.removeprefix("ordercall.") for name in names if name and name.startswith("ordercall."))


def allowed(imported: str, rooms: set[str]) -> bool:
    return any(imported == room or imported.startswith(f"{room}.") for room in rooms | {"errors", "config"})


@pytest.mark.parametrize("folder", ["domain", "storage", "services", "intake", "web", "sandbox"])
def test_imports_follow_the_path_and_never_turn_back(folder: str) -> None:
    wrong = [
        f"{path.name} imports {imported}"
        for path in modules(folder)
        for imported in imports(path)
        if not allowed(imported, MAY_IMPORT[folder] | {folder})
    ]

    assert wrong == []


@pytest.mark.parametrize("room", ["jobs.engine", "jobs.tasks"])
def test_the_engine_does_not_know_its_tasks(room: str) -> None:
    path = SOURCE / f"{room.replace('.', '/')}.py"

    assert [imported for imported in imports(path) if not allowed(imported, MAY_IMPORT[room])] == []


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_never_sees_the_database(client: str) -> None:
    rooms = {"domain", "services.breaker", "services.pace", *(f"services.{name}" for name in CLIENTS)}
    path = SOURCE / "services" / f"{client}.py"

    assert [imported for imported in imports(path) if not allowed(imported, rooms)] == []


def knows_the_database(path: Path) -> bool:
    """Return whether a file imports something of one database, or asks which of them it is."""
    one_of_them = re.compile(r"\b(sqlite|postgres|psycopg)", re.IGNORECASE)
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.ImportFrom(module=str(module)) if one_of_them.search(module):
                return True
            case ast.Import(names=names) if any(one_of_them.search(alias.name) for alias in names):
                return True
            case ast.Attribute(attr="dialect") | ast.Constant(value="sqlite" | "postgresql"):
                return True
    return False


def test_above_the_storage_and_the_engine_nobody_knows_which_database_it_is() -> None:
    below = {"storage", "jobs", "environment.py"}
    above = [path for path in SOURCE.rglob("*.py") if path.relative_to(SOURCE).parts[0] not in below]

    assert above
    assert [path.name for path in above if knows_the_database(path)] == []
    assert knows_the_database(SOURCE / "storage" / "dialects.py")


def test_only_the_entrances_know_the_bootstrap() -> None:
    outside = [path for path in SOURCE.rglob("*.py") if path.parent.name != "bootstrap"]

    knowing = {path.name for path in outside if any(name.startswith("bootstrap.") for name in imports(path))}

    assert knowing == {"__init__.py", "cli.py"}


@pytest.mark.parametrize(
    ("loaded", "needless"),
    [
        ("cli", {"sqlalchemy", "flask", "granian"}),
        ("bootstrap.worker", {"flask", "jinja2", "granian", "alembic", "graphql"}),
        ("bootstrap.web", {"httpx", "shopify_app", "alembic", "graphql"}),
    ],
)
def test_a_process_loads_nothing_that_it_never_needs(loaded: str, needless: set[str]) -> None:
    names = f"import sys, ordercall.{loaded}; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", names], capture_output=True, text=True, check=True).stdout.split()

    assert f"ordercall.{loaded}" in modules
    assert needless & set(modules) == set()


def test_a_line_of_a_template_is_as_short_as_one_of_the_code() -> None:
    templates = sorted((SOURCE / "templates").glob("*.html"))

    long = [
        f"{path.name}:{number}"
        for path in templates
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 120
    ]

    assert templates
    assert long == []


def test_every_route_names_its_door(tmp_path: Path) -> None:
    app = create_app(read_settings({"DATABASE_PATH": str(tmp_path / "orders.db")}))
    app.extensions["ordercall"].db.close()

    without = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if getattr(view, "door", None) not in DOORS and endpoint != "static"
    }

    assert without == set()


def test_every_event_has_words_for_the_timeline() -> None:
    assert set(WORDS) == set(Event)


def settings_read() -> set[str]:
    config = "".join((SOURCE / name).read_text() for name in ("config.py", "environment.py"))
    return set(re.findall(r'values\.\w+\(\s*"([A-Z_]+)"', config)) | set(re.findall(r'self\.text\("([A-Z_]+)"', config))


@pytest.mark.parametrize("document", [".env.example", "docs/operations.md"])
def test_every_setting_is_explained(document: str) -> None:
    explained = set(re.findall(r"\b[A-Z][A-Z_]{3,}\b", (ROOT / document).read_text()))

    assert settings_read() - {"ORDERCALL_SANDBOXED"} - explained == set()


def test_every_setting_in_the_example_exists() -> None:
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert offered - settings_read() == set()


def test_the_example_starts_as_it_stands() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    environment = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    assert read_settings(environment).app_env == "development"


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "docs/operations.md"])
def test_every_make_command_in_the_documents_exists(document: str) -> None:
    named = set(re.findall(r"\bmake ([a-z]+)\b(?=`|\s{2,}|\s*#|$)", (ROOT / document).read_text(), re.MULTILINE))

    assert named
    assert named - make_targets() == set()


@pytest.mark.parametrize("document", ["README.md", "docs/operations.md", "docs/deployment.md"])
def test_every_ordercall_command_in_the_documents_exists(document: str) -> None:
    named = set(re.findall(r"`ordercall ([a-z]+(?: [a-z]+)?)`", (ROOT / document).read_text()))

    assert named
    assert [name for name in sorted(named) if not is_a_command(name.split())] == []


def is_a_command(words: list[str], group: click.Command = cli) -> bool:
    """Return whether the words lead from the program to a command; what follows a command are its arguments."""
    if not words or not isinstance(group, click.Group):
        return True
    found = group.get_command(click.Context(group), words[0])
    return found is not None and is_a_command(words[1:], found)


def test_links_between_documents_lead_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{document.name}: {target}"
        for document in documents
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
        if not (document.parent / target).exists()
    ]

    assert broken == []


def test_each_migration_follows_on_the_one_before_it() -> None:
    files = sorted((SOURCE / "storage" / "migrations" / "versions").glob("[0-9]*.py"))
    numbers = [file.name[:4] for file in files]
    told = [re.findall(r'^(?:down_)?revision = (?:"(\d{4})"|None)$', file.read_text(), re.MULTILINE) for file in files]

    assert told == [[number, before] for number, before in zip(numbers, ["", *numbers], strict=False)]


def test_a_migration_takes_nothing_away_from_the_version_that_still_serves() -> None:
    taking = re.compile(r"\b(drop_table|drop_column|rename_table|alter_column|DROP (TABLE|COLUMN)|RENAME)\b")
    files = sorted((SOURCE / "storage" / "migrations" / "versions").glob("[0-9]*.py"))

    assert files
    assert [file.name for file in files if taking.search(file.read_text())] == []


def tracked_texts() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in listed.stdout.split():
        path = ROOT / name
        if path.is_file() and path.suffix not in {".webp", ".woff2", ".ico"}:
            yield name, path.read_text(errors="replace")


def test_no_file_names_a_package_registry() -> None:
    hosts = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.", "deb" + r"\.debian\.org")))

    assert [name for name, text in tracked_texts() if hosts.search(text)] == []


def test_templates_hold_nothing_that_the_content_policy_forbids() -> None:
    forbidden = re.compile(r"\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|hx-on|hx-trigger=\"[^\"]*\[|\|safe")
    templates = [*(SOURCE / "templates").glob("*.html"), *(SOURCE / "sandbox" / "templates").glob("*.html")]

    assert [path.name for path in templates if forbidden.search(path.read_text())] == []


def test_python_files_can_be_read_in_one_sitting() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in (*SOURCE.rglob("*.py"), *(ROOT / "tests").rglob("*.py"))
        if (lines := len(path.read_text().splitlines())) > 430
    }

    assert long == {}
