"""Whether this process is alive and can store an order."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from ordercall.errors import DatabaseBusy
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
