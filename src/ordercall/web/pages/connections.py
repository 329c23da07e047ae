"""Settings: what the providers and the database are told, and how they stand; opening the page asks nobody."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from ordercall.config import SETTINGS, Settings
from ordercall.web.access.doors import session_required
from ordercall.web.context import context

PARTIES = {"Shopify": "SHOPIFY_", "Kalimera": "KALIMERA_", "Database": "DATABASE_"}
"""How the names of each one's settings begin."""

bp = Blueprint("connections", __name__, url_prefix="/settings/connections")


class Shown(NamedTuple):
    """A setting as a person may see it: of a secret, only whether it is set."""

    name: str
    says: str
    value: str


@bp.get("")
@session_required
def page() -> ResponseReturnValue:
    """Show the settings of each party, and what the house has stored of how it stands."""
    settings = context().settings
    return render_template(
        "settings-connections.html",
        here=url_for("connections.page"),
        known=None,
        draft=None,
        locks={},
        parties={party: shown_settings(settings, begins) for party, begins in PARTIES.items()},
    )


def shown_settings(settings: Settings, begins: str) -> list[Shown]:
    """Return the settings whose names begin so, in the order of their declaration."""
    return [
        Shown(name, declared.says, _value(settings, name))
        for name, declared in SETTINGS.items()
        if name.startswith(begins)
    ]


def _value(settings: Settings, name: str) -> str:
    declared = SETTINGS[name]
    value = getattr(settings, declared.field)
    if value in ("", None):
        return "not set"
    if declared.secret:
        return "set"
    written = f"{value:g}" if isinstance(value, float) else str(value)
    if name.endswith("_URL"):
        written = _without_its_secrets(written)
    return written if name in settings.chosen else f"not set, so {written}"


def _without_its_secrets(address: str) -> str:
    """Return an address without what a proxy may be told in it: a name and password, a key in the query."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "set"
    _, at, host = parts.netloc.rpartition("@")
    return urlunsplit(
        parts._replace(
            netloc=f"…@{host}" if at else host,
            query="…" if parts.query else "",
            fragment="…" if parts.fragment else "",
        )
    )
