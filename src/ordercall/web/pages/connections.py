"""Settings: what the providers and the database are told, and how they stand; opening the page asks nobody.

*Check now* has the worker ask them, as the command ``doctor`` does.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ordercall.config import SETTINGS, Settings
from ordercall.domain.people import Permission
from ordercall.domain.shown_addresses import without_secrets
from ordercall.services.connection_check import CheckState
from ordercall.storage.records import answer_shapes
from ordercall.web.access.doors import needs
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
@needs(Permission.SEE)
def page() -> ResponseReturnValue:
    """Show the settings of each party, and what the house has stored of how it stands."""
    settings, checked = context().settings, context().check.state()
    with context().db.read() as tx:
        shapes = answer_shapes.all_of(tx)
    return render_template(
        "settings-connections.html",
        here=url_for("connections.page"),
        known=None,
        draft=None,
        locks={},
        parties={party: shown_settings(settings, begins) for party, begins in PARTIES.items()},
        checked=checked,
        asks=_asks(checked),
        shapes=shapes,
    )


@bp.get("/answers.json")
@needs(Permission.RULE)
def shapes() -> ResponseReturnValue:
    """The shapes of Kalimera's answers as a file, which says nothing of anybody."""
    with context().db.read() as tx:
        answer = Response(answer_shapes.export(tx), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="kalimera-answers.json"'
    return answer


@bp.post("/check")
@needs(Permission.RULE)
def check() -> ResponseReturnValue:
    """Have the worker check how all stands.

    The answer names no place on the page: to reload an address with one, as without a script, only scrolls.
    """
    context().check.ask()
    return redirect(url_for("connections.page"), 303)


@bp.get("/check")
@needs(Permission.SEE)
def live() -> ResponseReturnValue:
    """The part about the check, for an open page that polls."""
    checked = context().check.state()
    return render_template("_part-live.html", part="_check.html", asks=_asks(checked), checked=checked)


def _asks(checked: CheckState) -> str | None:
    """Return the address that an open page asks for the check, while it is under way."""
    return url_for("connections.live") if checked.under_way else None


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
        written = without_secrets(written) or "set"
    return written if name in settings.chosen else f"not set, so {written}"
