"""``POST /shopify/webhook`` where Flask serves alone (``flask run``): the body is read and given to the reception.

Else ``server/webhooks.py`` answers it in the event loop; a test holds both to the same answers.
"""

from __future__ import annotations

import time

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from ordercall.intake.reception import LARGEST_BODY, count_answer, shopify_headers, too_large
from ordercall.web.access.doors import signature_checked_inside
from ordercall.web.context import context

bp = Blueprint("webhook", __name__)


@bp.post("/shopify/webhook", strict_slashes=False)
@signature_checked_inside
def webhook() -> ResponseReturnValue:
    """Receive one webhook from Shopify."""
    came, about = time.monotonic(), shopify_headers(request.headers.items())
    request.max_content_length = LARGEST_BODY + 1  # of a body without a length, so much is read and no more
    body = request.get_data(cache=False)
    oversized = len(body) > LARGEST_BODY
    reception, announced = context().reception, request.content_length
    answer = too_large() if oversized else reception.answer(request.headers.items(), body, announced=announced)
    count_answer(about, answer, time.monotonic() - came)
    return jsonify(answer.body), answer.status
