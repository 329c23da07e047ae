"""Write docs/licences.md anew: the licences of what an installation runs. Needs the environment of `make setup`."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError

from packages import ASKS, FOLDER, licence_of, parts, pins

PAGE = FOLDER.parent / "docs" / "licences.md"

HEAD = """\
# Licences

Ordercall is under MIT (`LICENSE`). What it runs with is installed beside it, unchanged and with its own licence. Each
of these may be passed on together with a program under MIT, as the image of the `Dockerfile` is. `make licences` writes
this page from what the installed packages say; a test holds it to `requirements/run.txt`, and a licence that is not in
the second table stops both.

What comes along in the repository: htmx, the font Inter and Lucide's icons for the pages
(`src/ordercall/static/LICENSES.md` has their texts), and Django's list of common passwords
(`src/ordercall/common-passwords.LICENSE`). Wheels of granian, psycopg, uvloop and others hold compiled libraries, whose
licences lie in those wheels; neither this page nor the bill of materials lists them.

"""


def page() -> str:
    """Return the page.

    Raises:
        PackageNotFoundError: the environment lacks a package of the lock.
        ValueError: a package has a licence that is not known to be compatible.
    """
    licences = {name: licence_of(name) for name in sorted(pins("run.txt"))}
    used = sorted({each for expression in licences.values() for each in parts(expression)})
    rows = "".join(f"| {name} | {licence} |\n" for name, licence in licences.items())
    asked = "".join(f"| {each} | {ASKS[each]} |\n" for each in used)
    return f"{HEAD}{_head('package', 'licence')}{rows}\n{_head('licence', 'asks of whoever passes it on')}{asked}"


def _head(*columns: str) -> str:
    return f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}\n"


if __name__ == "__main__":
    try:
        PAGE.write_text(page())
    except (PackageNotFoundError, ValueError) as fault:
        sys.exit(f"docs/licences.md was not written: {fault}")
