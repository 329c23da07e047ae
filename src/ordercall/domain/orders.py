"""An order as this program sees it, and what its confirmation status may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

LARGEST_ID = 2**63 - 1
"""Shopify's ids are positive and fit 64 bits; anything else is not an order's id."""


class Status(StrEnum):
    """How the confirmation ended; the four words that the API and the pages speak."""

    PLACED = "Placed"
    SUCCESS = "Success"
    RETURNED = "Returned"
    FAILED = "Failed"


class Fulfilment(StrEnum):
    """How much of an order has left the shop, in the words of Shopify's webhooks, where nothing has no word at all."""

    NOTHING = "unfulfilled"
    PART = "partial"
    ALL = "fulfilled"
    RESTOCKED = "restocked"

    @classmethod
    def of(cls, word: object) -> Fulfilment:
        """Return what a webhook's word means; with one that is new to us nothing is known to have left."""
        return next((one for one in cls if one.value == word), cls.NOTHING)

    @property
    def word(self) -> str | None:
        """The webhook's word for it, which is also what is stored."""
        return None if self is Fulfilment.NOTHING else self.value

    @property
    def has_left(self) -> bool:
        """Whether a parcel is on its way, be it with a part: then nobody is rung, and Shopify cancels nothing."""
        return self in (Fulfilment.PART, Fulfilment.ALL)


class CancelState(StrEnum):
    """How far the cancellation of a failed order got in Shopify."""

    QUEUED = "queued"
    SENDING = "sending"  # stored before the request leaves: after a crash it means "look there first"
    WORKING = "working"  # Shopify said yes and a job of its own is at it
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # no clear answer came; the next try looks at the order first
    UNCLEAR = "unclear"  # nor did one later, and Shopify may still cancel it: a person must look

    @property
    def under_way(self) -> bool:
        """Whether a job still works on it."""
        return self is CancelState.QUEUED or self.may_have_left

    @property
    def left_to_a_person(self) -> bool:
        """Whether nothing but a person brings it on."""
        return self in (CancelState.REFUSED, CancelState.UNCLEAR)

    @property
    def may_have_left(self) -> bool:
        """Whether Shopify may have been asked already: it is not asked for something else then."""
        return self in (CancelState.SENDING, CancelState.WORKING, CancelState.UNKNOWN)


class CancelReason(StrEnum):
    """Why an order is cancelled, in the words that Shopify's Admin API takes."""

    CUSTOMER = "customer"
    DECLINED = "declined"
    FRAUD = "fraud"
    INVENTORY = "inventory"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelChoices:
    """How an order is cancelled in Shopify.

    Attributes:
        restock: the goods go back in stock.
        email: Shopify tells the customer by e-mail.
    """

    reason: CancelReason = CancelReason.OTHER
    restock: bool = True
    email: bool = True

    @property
    def words(self) -> str:
        stock = "the goods go back in stock" if self.restock else "the stock stays as it is"
        told = "the customer gets an e-mail" if self.email else "the customer gets no e-mail"
        return f"reason {self.reason}, {stock}, {told}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One Shopify order, read from a webhook body. Whatever Shopify left out or wrote unreadably is None.

    Money is a Decimal in the shop's currency, exactly as Shopify wrote it. Times are aware.
    ``phone`` is E.164 and ``phone_source`` names the field it was taken from. ``is_cod`` is None where the body says
    nothing of the way of payment.
    """

    shopify_id: int
    name: str | None = None
    product_title: str | None = None
    item_count: int = 0
    total_price: Decimal | None = None
    currency: str | None = None
    email: str | None = None
    phone: str | None = None
    phone_source: str | None = None
    created_at: str | None = None
    placed_at: datetime | None = None
    updated_at: datetime | None = None
    first_name: str | None = None
    last_name: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    gateways: str | None = None
    financial_status: str | None = None
    fulfillment_status: Fulfilment = Fulfilment.NOTHING
    is_cod: bool | None = None
    total_outstanding: Decimal | None = None
    is_test: bool = False
    cancelled_at: str | None = None
    remarks: tuple[str, ...] = ()
    """What could not be read, one plain sentence each, for the order's timeline."""
