"""Settings: who is told when something begins to be wrong, and how each state stands."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.people import Permission
from ordercall.web.access.doors import needs
from ordercall.web.context import context

CHANNELS = {
    "e-mail": "ALERT_EMAIL_TO and SMTP_URL",
    "Slack": "ALERT_SLACK_URL",
    "URL": "ALERT_URL and ALERT_URL_SECRET",
}
"""By what each is set."""

bp = Blueprint("alerts", __name__, url_prefix="/settings/alerts")


@bp.get("")
@needs(Permission.PEOPLE)
def page() -> ResponseReturnValue:
    """Show the channels, what became of the last message of each, and the states."""
    shown = context().alerts.shown()
    return render_template(
        "settings-alerts.html",
        here=url_for("alerts.page"),
        known=None,
        draft=None,
        locks={},
        names=CHANNELS,
        channels=shown.channels,
        standings=shown.standings,
    )


@bp.post("/test")
@needs(Permission.PEOPLE)
def test() -> ResponseReturnValue:
    """Have a test sent by a channel."""
    context().alerts.test(request.form.get("channel", ""))
    flash("A test is on its way. Load this page again in some seconds, and it says whether it was delivered.")
    return redirect(url_for("alerts.page"), 303)
