"""What a shop tells about itself and about its customers' data, as opposed to an order."""

from __future__ import annotations

from dataclasses import dataclass

from ordercall.domain.topics import Topic


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """The app was taken out of the shop: its token is dead and nobody may be called in the shop's name."""

    shop: str


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """What a customer or a shop asks by law.

    Attributes:
        reference: Shopify's id of the request, or of the customer; None where there is none.
        order_ids: the customer's orders; empty for a whole shop.
    """

    topic: Topic
    shop: str
    reference: str | None
    order_ids: tuple[int, ...]


ShopNotice = Uninstalled | PrivacyRequest
