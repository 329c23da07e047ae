"""``POST /shopify/webhook``: read once, verify, parse, store, and only then answer."""

from __future__ import annotations

import hashlib
import logging

from flask import Blueprint, Request, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import Headers

from ordercall.errors import DatabaseBusy
from ordercall.intake.payload import UnreadableBody, read_order
from ordercall.intake.signature import known_secrets, matching_secret
from ordercall.storage.deliveries import Delivery, Outcome
from ordercall.web.context import context
from ordercall.web.doors import signature_checked_inside

LARGEST_BODY = 10 * 1024 * 1024
HEADER_PREFIXES = ("x-shopify-", "shopify-")
NOT_KEPT = frozenset({"hmac-sha256"})

bp = Blueprint("intake", __name__)
logger = logging.getLogger(__name__)


@bp.post("/shopify/webhook")
@signature_checked_inside
def webhook() -> ResponseReturnValue:
    """Receive one webhook. 200 means stored; 503 asks Shopify to send it again."""
    headers = shopify_headers(request.headers)
    body = _read_body(request)
    secret = matching_secret(body, headers.get("hmac-sha256"), known_secrets(context().settings))
    if secret is None:
        logger.warning("refused a webhook: its signature is %s", "wrong" if "hmac-sha256" in headers else "missing")
        return _error("BadSignature", "The signature does not match the body and the SHOPIFY_SHARED_SECRET.", 403)
    try:
        outcome = _store(_delivery(headers, body, secret))
    except (DatabaseBusy, SQLAlchemyError) as error:
        logger.error("could not store a webhook (%s); Shopify will send it again", type(error).__name__)
        return _error("NotStored", "The delivery could not be stored; send it again.", 503)
    return jsonify(success=True, outcome=outcome)


def shopify_headers(headers: Headers) -> dict[str, str]:
    """Return Shopify's headers by their bare lower-case names: ``topic``, ``hmac-sha256``, ``webhook-id`` …

    They come as ``X-Shopify-…`` or, from newer subscriptions, as ``shopify-…``, in any case.
    """
    found: dict[str, str] = {}
    for name, value in headers.items():
        plain = name.casefold()
        prefix = next((prefix for prefix in HEADER_PREFIXES if plain.startswith(prefix)), None)
        if prefix:
            found.setdefault(plain.removeprefix(prefix), value)
    return found


def _read_body(incoming: Request) -> bytes:
    incoming.max_content_length = LARGEST_BODY
    return incoming.get_data(cache=False)


def _delivery(headers: dict[str, str], body: bytes, secret: str) -> Delivery:
    digest = hashlib.sha256(body).hexdigest()
    return Delivery(
        webhook_id=headers.get("webhook-id") or f"{headers.get('topic', '')}:{digest}",
        body_digest=digest,
        topic=headers.get("topic", ""),
        shop=headers.get("shop-domain", ""),
        headers={name: value for name, value in headers.items() if name not in NOT_KEPT},
        body=body,
        secret_name=secret,
        received_at=context().clock(),
    )


def _store(delivery: Delivery) -> Outcome:
    """Hand the delivery to the use case of its topic."""
    service = context().orders
    receive = {"orders/create": service.receive_new, "orders/cancelled": service.receive_cancelled}.get(delivery.topic)
    if receive is None:
        return service.receive_other(delivery, Outcome.UNUSED, f"Ordercall does not act on {delivery.topic or 'this'}.")
    try:
        order = read_order(delivery.body)
    except UnreadableBody as error:
        return service.receive_other(delivery, Outcome.UNREADABLE, str(error))
    return receive(delivery, order)


def _error(code: str, message: str, status: int) -> ResponseReturnValue:
    return jsonify(success=False, error={"code": code, "message": message}), status
