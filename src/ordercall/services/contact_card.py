"""What Kalimera is told of an order: the card that its agent has before it."""

from __future__ import annotations

from ordercall.providers.kalimera.words import ContactCard
from ordercall.storage.records.stored_order import StoredOrder


def card_of(order: StoredOrder) -> ContactCard:
    """Return the card of an order that has a phone."""
    return ContactCard(
        shopify_id=order.shopify_id,
        phone=order.phone_to_ring,
        first_name=order.first_name,
        last_name=order.last_name,
        email=order.customer_email,
        address=order.address,
        city=order.city,
        state=order.state,
        order_name=order.order_name,
        product_title=order.product_title,
        total_price=order.total_price,
        currency=order.currency,
        items=order.items or order.product_title,
        current_total_price=order.money_now.total,
        total_outstanding=order.money_now.outstanding,
        presentment_currency=order.money_now.currency,
    )
