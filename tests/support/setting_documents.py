"""What ``.env.example`` and the settings' table in ``docs/operations.md`` say, of what ``config.py`` declares.

``make settings`` writes both.
"""

from __future__ import annotations

import re
from textwrap import wrap

from ordercall.config import SETTINGS
from ordercall.environment import Setting
from source import ROOT

EXAMPLE = ROOT / ".env.example"
OPERATIONS = ROOT / "docs" / "operations.md"
OFFERED = [setting for setting in SETTINGS.values() if setting.says]
HEAD = """\
# Copy to .env and fill in. Everything has a default except what a provider gives you. As it stands a development
# machine runs against the sandbox, until an address, id or secret of an account with Kalimera or Shopify is filled in.
"""
TABLE = re.compile(r"\| setting \| default \|.*?\n(?=\n)", re.DOTALL)


def default_of(setting: Setting) -> str:
    return setting.default if isinstance(setting.default, str) else ""


def example() -> str:
    """Return ``.env.example``: each setting with its default, under its sentence."""
    told = ["\n".join((*wrapped(setting), f"{setting.name}={default_of(setting)}\n")) for setting in OFFERED]
    return "\n".join([HEAD, *told])


def wrapped(setting: Setting) -> list[str]:
    return wrap(setting.says, 120, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def table() -> str:
    """Return the table of ``docs/operations.md``."""
    rows = [f"| `{setting.name}` | {quoted(default_of(setting))} | {setting.says} |\n" for setting in OFFERED]
    return "".join(["| setting | default | |\n| --- | --- | --- |\n", *rows])


def quoted(default: str) -> str:
    return f"`{default}`" if default else ""


def write() -> None:
    EXAMPLE.write_text(example())
    OPERATIONS.write_text(TABLE.sub(lambda _: table(), OPERATIONS.read_text()))


if __name__ == "__main__":
    write()
