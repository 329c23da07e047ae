"""What a verified delivery is about."""

from __future__ import annotations

from dataclasses import replace

from ordercall.domain.orders.order import Order
from ordercall.domain.topics import (
    CARRY_THE_ORDER,
    NAME_FULFILMENT_ORDERS,
    POINT_AT_PARCELS,
    POINT_AT_THE_ORDER,
    Topic,
)
from ordercall.providers.shopify.notices import (
    NOTICES,
    read_deletion,
    read_hold_news,
    read_notice,
    read_pointer,
    tells_of_the_door,
)
from ordercall.providers.shopify.order_body import OtherResource, UnreadableBody
from ordercall.providers.shopify.payload import read_order
from ordercall.services.intake_service import ReceivedDelivery
from ordercall.storage.records.deliveries import Delivery, Outcome

USED = CARRY_THE_ORDER | POINT_AT_THE_ORDER | POINT_AT_PARCELS | NAME_FULFILMENT_ORDERS | NOTICES | {Topic.DELETED}


def read(delivery: Delivery) -> ReceivedDelivery:
    """Read what the delivery is about; what cannot be used is kept with the reason."""
    if delivery.topic not in USED:
        reason = f"Ordercall does not act on {delivery.topic or 'deliveries without a topic'}."
        return ReceivedDelivery(delivery, outcome=Outcome.UNUSED, reason=reason)
    body = delivery.body or b""
    try:
        if delivery.topic in NOTICES:
            return ReceivedDelivery(delivery, notice=read_notice(Topic(delivery.topic), body, delivery.shop))
        if delivery.topic in POINT_AT_THE_ORDER:
            return ReceivedDelivery(delivery, points_at=read_pointer(Topic(delivery.topic), body))
        if delivery.topic in NAME_FULFILMENT_ORDERS:
            return ReceivedDelivery(delivery, holds_of=read_hold_news(body))
        if delivery.topic in POINT_AT_PARCELS:
            return _about_parcels(delivery, body)
        if delivery.topic == Topic.DELETED:
            return _about_a_deletion(delivery, *read_deletion(body))
        return _about_an_order(delivery, read_order(body))
    except OtherResource as error:
        return ReceivedDelivery(delivery, outcome=Outcome.UNUSED, reason=str(error))
    except UnreadableBody as error:
        return ReceivedDelivery(delivery, outcome=Outcome.UNREADABLE, reason=str(error))


def odd(delivery: Delivery, error: Exception) -> ReceivedDelivery:
    """Return a delivery that is kept as it came: it is odd in a way nobody thought of, and a person should look."""
    reason = f"It could not be stored as an order ({type(error).__name__}); this is a fault of Ordercall."
    return ReceivedDelivery(delivery, outcome=Outcome.UNREADABLE, reason=reason)


def _about_an_order(delivery: Delivery, order: Order) -> ReceivedDelivery:
    """Believe the signed body and not the topic, a header, under which whoever got hold of a body may send it again.

    A cancellation that its body does not tell of is looked up in Shopify.
    """
    if delivery.topic == Topic.CANCELLED and order.absent and not order.shopify_cancelled_at:
        return ReceivedDelivery(delivery, replace(order, to_be_read=True))
    if delivery.topic == Topic.CANCELLED and not order.shopify_cancelled_at:
        return ReceivedDelivery(delivery, points_at=order.shopify_id)
    return ReceivedDelivery(delivery, order)


def _about_parcels(delivery: Delivery, body: bytes) -> ReceivedDelivery:
    """Have looked at a parcel that may have come back, or may not; couriers tell of each of its steps."""
    if delivery.topic == Topic.DELIVERY and not tells_of_the_door(body):
        return ReceivedDelivery(delivery, outcome=Outcome.UNUSED, reason="It tells of a parcel on its way.")
    return ReceivedDelivery(delivery, parcels_of=read_pointer(Topic(delivery.topic), body))


def _about_a_deletion(delivery: Delivery, shopify_id: int, is_one: bool) -> ReceivedDelivery:
    """Believe a body with an id and nothing else; one that holds an order is looked up in Shopify."""
    return (
        ReceivedDelivery(delivery, deleted=shopify_id) if is_one else ReceivedDelivery(delivery, points_at=shopify_id)
    )
