"""The packages that the lock files name, and the licences of those that are installed. Standard library alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import Distribution, distribution
from pathlib import Path

FOLDER = Path(__file__).parent
WORDS = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""How packages write a licence without its SPDX name. All of ours that say only "BSD License" have three clauses."""

ASKS = {
    "0BSD": "nothing",
    "Apache-2.0": "its text and notices stay with it",
    "BSD-2-Clause": "its text stays with it",
    "BSD-3-Clause": "its text stays with it, and its authors' names advertise nothing",
    "LGPL-3.0-only": "its text stays with it; whoever has a copy may put a changed one in its place, as anybody may"
    " in an environment of Python",
    "MIT": "its text stays with it",
    "MIT-0": "nothing",
    "MPL-2.0": "its text stays with it; whoever changes its files publishes those",
    "PSF-2.0": "its text stays with it",
}
"""The licences that a package may have beside a program under MIT, and what each asks of whoever passes it on."""


def pins(lock: str) -> dict[str, str]:
    """Return the version of each package that a lock file names, by its name."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", (FOLDER / lock).read_text(), re.MULTILINE)
    return {normal(name): version for name, version in lines}


def normal(name: str) -> str:
    """Return a package's name as locks have it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(name: str) -> str:
    """Return the licence of an installed package as an SPDX expression.

    Raises:
        PackageNotFoundError: it is not installed.
        ValueError: it says none that is known here.
    """
    return licence_in(distribution(name))


def licence_in(found: Distribution) -> str:
    """Return the licence of a package as an SPDX expression."""
    about: Mapping[str, str] = found.metadata.json
    says = [about.get("license_expression", ""), about.get("license", "")]
    classifiers = [each.split(" :: ")[-1] for each in about.get("classifier", []) if each.startswith("License :: ")]
    for words in (*says, *classifiers):
        expression = WORDS.get(words, words)
        if expression and all(each in ASKS for each in parts(expression)):
            return expression
    message = (
        f"{about['name']} says as its licence {[says[0], says[1][:40], *classifiers]}. If it may come along with a"
        " program under MIT, add it to WORDS or ASKS in requirements/packages.py."
    )
    raise ValueError(message)


def parts(expression: str) -> list[str]:
    """Return the licences that an expression is made of."""
    return re.split(r" (?:AND|OR) ", expression.strip("()"))
