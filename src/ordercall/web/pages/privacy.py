"""The privacy requests and what came of them, and the button for an app that is installed again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.people import Permission
from ordercall.domain.topics import Topic
from ordercall.storage.records import shop_notices
from ordercall.storage.records.shop_notices import StoredRequest
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.addresses import local_referrer
from ordercall.web.context import context
from ordercall.web.ids import read_id
from ordercall.web.view.format import ago, number

ASKED = {
    Topic.DATA_REQUEST: "A customer wants to see their data",
    Topic.CUSTOMER_REDACT: "A customer's data is to be erased",
    Topic.SHOP_REDACT: "The whole shop's data is to be erased",
}

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
@needs(Permission.SEE)
def page() -> ResponseReturnValue:
    """The privacy requests that Shopify passed on, newest first."""
    with context().db.read() as tx:
        requests = shop_notices.latest_requests(tx)
    return render_template("privacy.html", requests=[_shown(stored) for stored in requests])


@bp.post("/privacy/<request_id>/done")
@needs(Permission.RULE)
def done(request_id: str) -> ResponseReturnValue:
    """Mark a data request done, unless somebody did so before."""
    before = context().shop.finish_request(read_id(request_id) or 0, by=current_actor())
    if before.done_at is not None:
        flash(f"{before.done_by} noted {ago(before.done_at)} that the customer has their data.")
    return redirect(url_for("privacy.page"), 303)


@bp.post("/shop/reconnected")
@needs(Permission.RULE)
def reconnected() -> ResponseReturnValue:
    """Resume calling: the app is installed again."""
    waited = context().shop.reconnect(by=current_actor())
    flash(f"Calls go on. Orders that waited for this: {number(waited)}.")
    return redirect(local_referrer(), 303)


def _shown(stored: StoredRequest) -> dict[str, Any]:
    found, request = stored.report or {}, stored.request
    answered = stored.report is not None or stored.done_at is not None
    return {
        "id": stored.id,
        "asked": ASKED[request.topic],
        "reference": request.reference,
        "received_at": stored.received_at,
        "done_at": stored.done_at,
        "done_by": stored.done_by,
        "counts": _counts(found) if answered else "under way",
        "contacts": found.get("contacts", []),
        "ids": found.get("ids", []),
        "by_hand": request.topic is Topic.DATA_REQUEST,
    }


def _counts(found: dict[str, Any]) -> str:
    """Return how much was found, by kind."""
    counts = [f"{name}: {number(value)}" for name, value in found.items() if isinstance(value, int) and value]
    return ", ".join(counts) or "nothing was found"
