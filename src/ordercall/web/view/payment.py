"""How an order is paid and what is still due for it, as the pages and the export say it."""

from __future__ import annotations

from decimal import Decimal

from flask import Flask

from ordercall.domain.payment import still_due
from ordercall.storage.records.orders import OrderRow
from ordercall.web.view.format import money


def register(app: Flask) -> None:
    """Give the templates their filters."""
    for word in (way_of_payment, due, payment_in_short):
        app.jinja_env.filters[word.__name__] = word


def way_of_payment(order: OrderRow) -> str:
    """Return "COD" or "Prepaid", or nothing where nobody told."""
    return {True: "COD", False: "Prepaid", None: ""}[_is_cod(order)]


def due(order: OrderRow) -> Decimal | None:
    """Return what is still to be paid for an order; None where nobody can tell."""
    outstanding, total = _exact(order.total_outstanding), _exact(order.total_price)
    return still_due(outstanding, order.financial_status, total, is_cod=_is_cod(order))


def to_collect(order: OrderRow) -> Decimal | None:
    """Return what is to be collected at the door; None where nobody can tell."""
    is_cod = _is_cod(order)
    return due(order) if is_cod else None if is_cod is None else Decimal(0)


def payment_in_short(order: OrderRow) -> str:
    """Return the way of payment, and what is due where that is not what one would think: "COD, ₹500 due"."""
    way, left = way_of_payment(order), due(order)
    expected = _exact(order.total_price) if way == "COD" else Decimal(0)
    if not way or left is None or left == expected:
        return way
    return f"{way}, {money(left, order.currency)} due" if left else f"{way}, nothing due"


def _is_cod(order: OrderRow) -> bool | None:
    return bool(order.is_cod) if order.gateways or order.financial_status else None


def _exact(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))
