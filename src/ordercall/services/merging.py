"""What a body changes of an order that is known: each fact is as of the newest body that told it.

A whole body is as of one moment, and so is an order that only whole bodies told of. A part of one leaves what it does
not tell as it was, with its time, so that it does not matter in which order bodies come.
"""

from __future__ import annotations

import json
from typing import Any

from ordercall.domain.orders.order import CHANGING, PERSONAL, PHONE_FACTS, PHONE_NOT_SHOWN, Order
from ordercall.storage.records.stored_order import StoredOrder, facts

ONCE = ("is_cod", "created_at", "placed_at")
"""Settled by the first body that tells them."""

TIMED = tuple(name for name in CHANGING if name != "shopify_updated_at")
TRACKED = (*TIMED, *ONCE, "shopify_cancelled_at")
LONG_AGO = 0.0
"""What a body without a time told is older than anything: whatever has one is believed before it."""


def changes_of(order: Order, known: StoredOrder) -> dict[str, Any]:
    """Return the columns that a body changes, with their new values.

    The way of payment is settled when the order comes: cash on delivery that was paid at the door does not become a
    prepaid order. Only where it was not known yet is the body's word taken.
    """
    if order.absent or known.fact_times:
        return _changes_in_part(order, known)
    return {} if _is_older(order, known) else _differences(order, known, {*CHANGING, "is_cod"})


def _is_older(order: Order, known: StoredOrder) -> bool:
    """Return whether the body was written before what is known. Without a time nobody can tell, so it may be."""
    if known.shopify_updated_at is None:
        return False
    return order.shopify_updated_at is None or order.shopify_updated_at < known.shopify_updated_at


def _differences(order: Order, known: StoredOrder, told: set[str]) -> dict[str, Any]:
    """Return what differs among the facts that are believed of a body."""
    sent, stored = _as_stored(order), _as_stored(known)
    if known.is_cod is None and order.is_cod is not None:
        sent["is_cod"], stored["is_cod"] = int(order.is_cod), 0
    if order.placed_at is None:
        stored["placed_at"] = None  # the time of receipt stands in
    erased = PERSONAL if known.erased_at is not None else ()
    return {name: sent[name] for name in sent if name in told and stored[name] != sent[name] and name not in erased}


def _as_stored(order: Order | StoredOrder) -> dict[str, Any]:
    placed_at = order.placed_at.timestamp() if order.placed_at else None
    return facts(order) | {"is_cod": None, "created_at": order.created_at, "placed_at": placed_at}


def _changes_in_part(order: Order, known: StoredOrder) -> dict[str, Any]:
    known_at, sent_at = _seconds(known) or LONG_AGO, _seconds(order)
    before = dict.fromkeys(TRACKED, known_at) | (known.fact_times or {})
    told = {name for name in TRACKED if _is_told(order, known, name) and _is_news(name, before[name], sent_at)}
    if order.phone_fault == PHONE_NOT_SHOWN and not known.customer_phone and not known.phone_fault:
        told.add("phone_fault")
    newest = max(known_at, sent_at or LONG_AGO)
    after = before | dict.fromkeys(told, sent_at if sent_at is not None else LONG_AGO)
    if not order.unknown:  # what it lacks then cannot be had
        after = {name: newest if at is None else at for name, at in after.items()}
    after |= dict.fromkeys(order.unreadable)
    changes = _differences(order, known, told)
    if newest > known_at:
        changes["shopify_updated_at"] = newest
    times = {name: at for name, at in after.items() if at is None or (at != newest and name in TIMED)} or None
    if times != known.fact_times:
        changes["fact_times"] = json.dumps(times, sort_keys=True) if times else None
    return changes


def _seconds(order: Order | StoredOrder) -> float | None:
    return order.shopify_updated_at.timestamp() if order.shopify_updated_at else None


def _is_told(order: Order, known: StoredOrder, name: str) -> bool:
    """Return whether a body tells a fact. A phone in the field that the known one stands in takes its place."""
    if name not in PHONE_FACTS:
        return name not in order.absent
    same_field = "phone_source" not in order.absent and order.phone_source == known.phone_source
    return "customer_phone" not in order.absent or same_field


def _is_news(name: str, known_at: float | None, sent_at: float | None) -> bool:
    """Return whether a body is believed about a fact that is as of *known_at*; None: nobody has told it."""
    if known_at is None:
        return True
    return name not in ONCE and sent_at is not None and sent_at >= known_at
