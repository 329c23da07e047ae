"""``POST /shopify/webhook``: the raw body is read once, with a limit, and handed to the reception."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from ordercall.intake.reception import LARGEST_BODY
from ordercall.web.context import context
from ordercall.web.doors import signature_checked_inside

bp = Blueprint("webhook", __name__)


@bp.post("/shopify/webhook")
@signature_checked_inside
def webhook() -> ResponseReturnValue:
    """Receive one webhook from Shopify."""
    request.max_content_length = LARGEST_BODY
    answer = context().reception.answer(request.headers.items(), request.get_data(cache=False))
    return jsonify(answer.body), answer.status
