"""Whether this process is alive and can store an order."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from ordercall.web.access.doors import open_to_all
from ordercall.web.context import context

bp = Blueprint("health", __name__)


@bp.get("/health")
@open_to_all
def health() -> ResponseReturnValue:
    """200 when the database answers."""
    with context().db.read() as tx:
        tx.execute(text("SELECT 1 FROM orders LIMIT 1"))
    return jsonify(status="ok")
