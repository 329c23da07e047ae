"""The card of a joint call: what Kalimera is told of several orders of one customer, in the names of one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from ordercall.providers.kalimera.words import ContactCard

type Amount = Decimal | float | None


def joint_card(cards: Sequence[ContactCard]) -> ContactCard:
    """Return the card that tells of all of these orders, which have customer, address and currency in common.

    It bears the id of the joint call and no ``shopify_id``: an agent that reports under what it was given must not name
    one of them for all. Each order's own id stands in ``orders``.
    """
    if len(cards) == 1:
        return cards[0]
    return replace(
        cards[0],
        shopify_id=None,
        order_name=_joined((card.order_name or str(card.shopify_id) for card in cards), ", "),
        product_title=_joined((card.product_title for card in cards), "; "),
        items=_joined((f"{card.order_name or card.shopify_id}: {card.items}" for card in cards if card.items), "; "),
        total_price=_sum(card.total_price for card in cards),
        current_total_price=_sum(card.current_total_price for card in cards),
        total_outstanding=_sum(card.total_outstanding for card in cards),
        orders=tuple(cards),
    )


def shared_card(cards: Sequence[ContactCard]) -> ContactCard | None:
    """Return the card that tells of orders whose calls are open at once; None where one card cannot.

    It names no call: an agent that has it answers by an order's own id, or a person sees what it said.
    """
    customers = {(card.phone, card.to_json()["name"], card.address, card.city, card.state) for card in cards}
    currencies = {(card.currency, card.presentment_currency) for card in cards}
    return replace(joint_card(cards), call_id=None) if len(customers) == len(currencies) == 1 else None


def _joined(words: Iterable[str | None], between: str) -> str | None:
    return between.join(word for word in words if word) or None


def _sum(amounts: Iterable[Amount]) -> Decimal | None:
    """Return the sum; None where one of them is not known, as a part of it would be a wrong one."""
    told = list(amounts)
    known = [Decimal(str(amount)) for amount in told if amount is not None and math.isfinite(amount)]
    return sum(known, Decimal(0)) if len(known) == len(told) else None
