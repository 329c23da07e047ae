"""Whether this process is alive, whether it is to be sent anything, and whether it can store an order."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from ordercall.errors import DatabaseBusy
from ordercall.services.readiness import State
from ordercall.web.access.doors import open_to_all
from ordercall.web.context import context

bp = Blueprint("health", __name__)


@bp.get("/health")
@open_to_all
def health() -> ResponseReturnValue:
    """200 while an order could be stored; 503 with the reason while none can."""
    try:
        context().db.refuse_if_unfit()
        with context().db.read() as tx:
            tx.execute(text("SELECT 1 FROM orders LIMIT 1"))
    except DatabaseBusy as error:
        return jsonify(status=error.code, message=str(error)), error.status
    return jsonify(status="ok")


@bp.get("/healthz")
@open_to_all
def alive() -> ResponseReturnValue:
    """200 while a thread is free to answer; whoever restarts what is dead asks this, and no database is in it."""
    return jsonify(status="ok")


@bp.get("/readyz")
@open_to_all
def ready() -> ResponseReturnValue:
    """200 while webhooks can be stored, with what is degraded; 503 with what is not ready while none can."""
    parts = context().signals.readiness.get()
    worst = max((part.state for part in parts), key=list(State).index)
    names = {state: [part.name for part in parts if part.state is state] for state in State}
    said = {part.name: {"state": part.state, "message": part.says} for part in parts}
    body = {"status": worst, "not_ready": names[State.NOT_READY], "degraded": names[State.DEGRADED], "parts": said}
    return jsonify(body), 503 if worst is State.NOT_READY else 200
