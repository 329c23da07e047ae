"""What was asked about customers' data, what came of it, and that the app is in the shop again."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from ordercall.domain.topics import Topic
from ordercall.storage import shop_notices
from ordercall.web.addresses import local_referrer
from ordercall.web.context import context
from ordercall.web.doors import current_actor, session_required

ASKED = {
    Topic.DATA_REQUEST: "A customer wants to see their data",
    Topic.CUSTOMER_REDACT: "A customer's data is to be erased",
    Topic.SHOP_REDACT: "The whole shop's data is to be erased",
}

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
@session_required
def page() -> ResponseReturnValue:
    """The privacy requests that Shopify passed on, newest first."""
    with context().db.read() as tx:
        rows = shop_notices.all_requests(tx)
    return render_template("privacy.html", requests=[_shown(row) for row in rows])


@bp.post("/privacy/<int:request_id>/done")
@session_required
def done(request_id: int) -> ResponseReturnValue:
    """Note that the customer has their data."""
    context().shop.finish_request(request_id, by=current_actor())
    return redirect(url_for("privacy.page"), 303)


@bp.post("/shop/reconnected")
@session_required
def reconnected() -> ResponseReturnValue:
    """Call again: the app is in the shop again."""
    number = context().shop.reconnect(by=current_actor())
    flash(f"Calls go on. Orders that waited for this: {number}.")
    return redirect(local_referrer(), 303)


def _shown(row: Row[Any]) -> dict[str, Any]:
    found = json.loads(row.report) if row.report else {}
    counts = [f"{name}: {value:,}" for name, value in found.items() if isinstance(value, int)]
    return {
        "id": row.id,
        "asked": ASKED[Topic(row.topic)],
        "reference": row.reference,
        "received_at": row.received_at,
        "done_at": row.done_at,
        "done_by": row.done_by,
        "counts": ", ".join(counts),
        "contacts": found.get("contacts", []),
        "ids": found.get("ids", []),
        "by_hand": row.topic == Topic.DATA_REQUEST,
    }
