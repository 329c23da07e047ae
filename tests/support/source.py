"""The program's own files, for the tests that read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "ordercall"
MIGRATIONS = SOURCE / "storage" / "migrations" / "versions"


def modules(room: str = "") -> list[Path]:
    """Return the modules of a folder (default: the whole package) or the one module of this name, migrations aside."""
    single = SOURCE / f"{room}.py"
    found = [single] if room and single.exists() else (SOURCE / room).rglob("*.py")
    return sorted(path for path in found if MIGRATIONS not in path.parents)


def name_of(path: Path) -> str:
    """Return a module's dotted name without the package's."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Return the modules of the package that a file imports, wherever in it, without the package's name."""
    return tuple(_imports(path))


@cache
def _known() -> frozenset[str]:
    return frozenset(map(name_of, modules()))


def _imports(path: Path) -> Iterator[str]:
    known = _known()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] == "ordercall":
                where = module.removeprefix("ordercall").removeprefix(".")
                inside = [f"{where}.{alias.name}".removeprefix(".") for alias in names]
                yield from (name if name in known else where or "__init__" for name in inside)
            case ast.Import(names=names):
                yield from (a.name.removeprefix("ordercall.") for a in names if a.name.startswith("ordercall."))
