"""How the pages say how an order is paid and what is due for it."""

from __future__ import annotations

from decimal import Decimal

from flask import Flask

from ordercall.domain.orders import OrderFacts
from ordercall.web.view.format import money

WAYS = {True: "COD", False: "Prepaid", None: ""}


def register(app: Flask) -> None:
    """Give the templates their filters."""
    for word in (way_of_payment, odd_due):
        app.jinja_env.filters[word.__name__] = word


def way_of_payment(order: OrderFacts) -> str:
    """Return "COD" or "Prepaid", or nothing where nobody told."""
    return WAYS[order.is_cod]


def odd_due(order: OrderFacts) -> str:
    """Return what is due where that is not what its way of payment lets one think: "₹500 due", "nothing due"."""
    expected = order.total_price if order.is_cod else Decimal(0)
    if order.is_cod is None or order.due is None or order.due == expected:
        return ""
    return f"{money(order.due, order.currency)} due" if order.due else "nothing due"
