"""The stylesheet, script, icons and font that are committed are those that their sources give."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from chromium import ROOT

SOURCES = ("assets", "src/ordercall/static", "src/ordercall/templates", "src/ordercall/web", "package.json")


def test_a_rebuild_changes_nothing(tmp_path: Path) -> None:
    for source in SOURCES:
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / source, tmp_path / source)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")

    built = subprocess.run(["npm", "run", "build"], cwd=tmp_path, capture_output=True, text=True)

    assert built.returncode == 0, built.stderr
    assert files(tmp_path) == files(ROOT)


def files(root: Path) -> dict[str, bytes]:
    static = root / "src" / "ordercall" / "static"
    return {path.relative_to(static).as_posix(): path.read_bytes() for path in static.rglob("*") if path.is_file()}
