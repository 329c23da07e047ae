"""How the pages say how an order is paid and what is due for it."""

from __future__ import annotations

from decimal import Decimal

from flask import Flask

from ordercall.domain.orders import OrderFacts
from ordercall.web.view.format import money

WAYS = {True: "COD", False: "Prepaid", None: ""}


def register(app: Flask) -> None:
    """Give the templates their filters."""
    for word in (way_of_payment, payment_in_short):
        app.jinja_env.filters[word.__name__] = word


def way_of_payment(order: OrderFacts) -> str:
    """Return "COD" or "Prepaid", or nothing where nobody told."""
    return WAYS[order.is_cod]


def payment_in_short(order: OrderFacts) -> str:
    """Return the way of payment, and what is due where that is not what one would think: "COD, ₹500 due"."""
    way, due = way_of_payment(order), order.due
    expected = order.total_price if order.is_cod else Decimal(0)
    if not way or due is None or due == expected:
        return way
    return f"{way}, {money(due, order.currency)} due" if due else f"{way}, nothing due"
