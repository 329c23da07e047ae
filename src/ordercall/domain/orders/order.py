"""An order as this program sees it, and what its confirmation status may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from ordercall.domain.orders.payment import MoneyNow, still_due
from ordercall.domain.transitions import Transitions
from ordercall.domain.words import Word

LARGEST_ID = 2**63 - 1
"""Shopify's ids are positive and fit 64 bits; anything else is not an order's id."""


class Status(Word):
    """How the confirmation ended: the four words that the API and the pages speak, and what each means to a person."""

    meaning: str

    PLACED = "Placed", "Waiting for the customer"
    SUCCESS = "Success", "Customer confirmed"
    RETURNED = "Returned", "Came back to you"
    FAILED = "Failed", "Cancels the order in Shopify"


STATUS_TRANSITIONS: Transitions[Status] = {was: frozenset(Status) - {was} for was in (None, *Status)}
"""People and programs correct each other, so any status may follow any other. Shopify itself only makes it Failed."""


class Fulfilment(StrEnum):
    """How much of an order has left the shop, in the words of Shopify's webhooks, where nothing has no word at all."""

    NOTHING = "unfulfilled"
    PART = "partial"
    ALL = "fulfilled"
    RESTOCKED = "restocked"

    @classmethod
    def of(cls, word: object) -> Fulfilment:
        """Return what a webhook's word means; with one that is new to us nothing is known to have left."""
        return _FULFILMENTS.get(word, cls.NOTHING) if isinstance(word, str) else cls.NOTHING

    @classmethod
    def shown(cls, word: object, fulfilments: Iterable[object]) -> Fulfilment:
        """Return how much of an order has left, as either of Shopify's APIs shows it.

        The order's word alone does not tell: GraphQL says ``ON_HOLD`` or ``SCHEDULED`` of what is left to ship, however
        much has left before, and a body that is behind says ``fulfilled`` of what was taken back. So its fulfilments
        are looked at too.

        Args:
            word: for the order, in either case.
            fulfilments: the word for each of its fulfilments, in either case.
        """
        states = [_small(state) for state in fulfilments]
        if states and all(state == _TAKEN_BACK for state in states):
            return cls.NOTHING
        told = cls.of(_small(word))
        return cls.PART if told is cls.NOTHING and HAS_LEFT in states else told

    @property
    def word(self) -> str | None:
        """The webhook's word for it, which is also what is stored."""
        return None if self is Fulfilment.NOTHING else self.value

    @property
    def has_left(self) -> bool:
        """Whether a parcel is on its way, be it with a part: then nobody is rung, and Shopify cancels nothing."""
        return self in (Fulfilment.PART, Fulfilment.ALL)


_FULFILMENTS = {**{one.value: one for one in Fulfilment}, "partially_fulfilled": Fulfilment.PART}
"""Shopify's GraphQL has that other word for a part."""

HAS_LEFT, _TAKEN_BACK = "success", "cancelled"
"""Shopify's words for a fulfilment with which a parcel left, and for one that was cancelled. One that never came about
has other words, and no parcel has left with it."""


def _small(word: object) -> object:
    return word.strip().casefold() if isinstance(word, str) else word


class CancelState(Word):
    """How far the cancellation of a failed order got in Shopify; in a few words, and in a sentence."""

    short: str
    sentence: str

    QUEUED = "queued", "Cancelling in Shopify", "The cancellation is still on its way to Shopify."
    # No person asked for it, and the policy gives them time to look.
    DELAYED = (
        "delayed",
        "Cancel not sent yet",
        "Shopify is not asked yet: it waits, and can be undone until then.",
    )
    # No person asked for it, and too many such cancels left within an hour.
    FROZEN = (
        "frozen",
        "Cancel held back",
        "Shopify is not asked: so many cancels left within an hour that a person must let it go on, or undo it.",
    )
    # Stored before the request leaves: after a crash it means "look there first".
    SENDING = "sending", "Cancelling in Shopify", "The cancellation is still on its way to Shopify."
    # Shopify said yes, and a job of its own is at it.
    WORKING = "working", "Cancelling in Shopify", "Shopify is cancelling the order."
    DONE = "done", "Cancelled in Shopify", "The order is cancelled in Shopify."
    REFUSED = "refused", "Not cancelled in Shopify", "Shopify did not cancel the order."
    # No clear answer came; the next try looks at the order first.
    UNKNOWN = (
        "unknown",
        "Cancelling in Shopify",
        "Shopify gave no clear answer yet; the order is looked up and the cancellation goes on.",
    )
    # Nor did one later, and Shopify may still cancel it: a person must look.
    UNCLEAR = "unclear", "Cancellation in Shopify unclear", "It is not known whether Shopify cancels the order."

    @property
    def under_way(self) -> bool:
        """Whether a job still works on it."""
        return self is CancelState.QUEUED or self.may_have_left

    @property
    def waits(self) -> bool:
        """Whether Shopify is not asked before its time comes, or a person says so."""
        return self in (CancelState.DELAYED, CancelState.FROZEN)

    @property
    def left_to_a_person(self) -> bool:
        """Whether nothing but a person brings it on."""
        return self in (CancelState.REFUSED, CancelState.UNCLEAR)

    @property
    def may_have_left(self) -> bool:
        """Whether Shopify may have been asked already: it is not asked for something else then."""
        return self in (CancelState.SENDING, CancelState.WORKING, CancelState.UNKNOWN)


_BEGINNINGS = (CancelState.QUEUED, CancelState.DELAYED)
CANCEL_ENDS = (CancelState.DONE, CancelState.REFUSED, CancelState.UNCLEAR)
CANCEL_TRANSITIONS: Transitions[CancelState] = {
    # Failed asks for it; DONE: the shop cancelled the order itself, as it may in every state.
    None: frozenset({*_BEGINNINGS, CancelState.DONE}),
    # None: Failed was taken back in time. DELAYED: and then a program said it again. REFUSED: Shopify said no, or need
    # not be asked.
    CancelState.QUEUED: frozenset(
        {None, CancelState.DELAYED, CancelState.FROZEN, CancelState.SENDING, CancelState.DONE, CancelState.REFUSED}
    ),
    # QUEUED: its time has come, or a person says so. None: undone.
    CancelState.DELAYED: frozenset({None, CancelState.QUEUED, CancelState.DONE}),
    CancelState.FROZEN: frozenset({None, CancelState.QUEUED, CancelState.DONE}),
    # QUEUED: the request was not taken. SENDING again: a worker died. None: taken back, and the order stands.
    CancelState.SENDING: frozenset({None, *CancelState}) - {CancelState.DELAYED, CancelState.FROZEN},
    # UNKNOWN: Shopify no longer knows its job. None: the order is the sandbox's, which is not asked any more.
    CancelState.WORKING: frozenset({None, CancelState.UNKNOWN, *CANCEL_ENDS}),
    # SENDING: looked at first, and the order stands.
    CancelState.UNKNOWN: frozenset({None, CancelState.SENDING, *CANCEL_ENDS}),
    # A person tries it again, or the order became Failed anew.
    CancelState.REFUSED: frozenset({*_BEGINNINGS, CancelState.DONE}),
    CancelState.UNCLEAR: frozenset({*_BEGINNINGS, CancelState.DONE}),
    # Nothing undoes it.
    CancelState.DONE: frozenset(),
}


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
        mail = "the customer gets an e-mail" if self.email else "the customer gets no e-mail"
        return f"reason {self.reason}, {stock}, {mail}"


PHONE_NOT_SHOWN = "Shopify does not show this app all places where the phone may stand."
"""The fault of a phone that may well be there."""


def _fact(label: str = "", *, personal: bool = False) -> dict[str, Any]:
    """Describe a fact that Shopify may change later.

    Args:
        label: what the timeline calls it when it changes.
        personal: it says who the customer is, and is erased with them.
    """
    return {"changes": True, "label": label, "personal": personal}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OrderFacts:
    """What Shopify says of an order, called as the columns of the table. What it left out or wrote unreadably is None.

    Money is a Decimal in the shop's currency, exactly as Shopify wrote it; but ``current_total_price`` and
    ``current_outstanding`` follow every edit and are in ``presentment_currency``, in which the customer pays. Times are
    aware. ``placed_at`` is the earlier of when it was created and when it was processed: an imported order was created
    today. ``items`` and ``units_left`` are what is still ordered, None where no line tells. ``lines``: what a courier
    needs of each line, written as in ``domain/parcels/parcel.py``, None where nobody told. ``closed_at``: archived.
    ``customer_phone`` is E.164 and ``phone_source`` names the field it was taken from; without one ``phone_fault`` says
    what each field holds instead.
    """

    shopify_id: int
    order_name: str | None = field(default=None, metadata=_fact("order name"))
    product_title: str | None = field(default=None, metadata=_fact("items"))
    item_count: int | None = field(default=None, metadata=_fact("items"))
    total_price: Decimal | None = field(default=None, metadata=_fact("total"))
    currency: str | None = field(default=None, metadata=_fact("total"))
    total_outstanding: Decimal | None = field(default=None, metadata=_fact("amount due"))
    customer_email: str | None = field(default=None, metadata=_fact("e-mail", personal=True))
    customer_phone: str | None = field(default=None, metadata=_fact("phone", personal=True))
    phone_source: str | None = field(default=None, metadata=_fact(personal=True))
    phone_fault: str | None = field(default=None, metadata=_fact(personal=True))
    first_name: str | None = field(default=None, metadata=_fact("name", personal=True))
    last_name: str | None = field(default=None, metadata=_fact("name", personal=True))
    ship_first_name: str | None = field(default=None, metadata=_fact("recipient", personal=True))
    ship_last_name: str | None = field(default=None, metadata=_fact("recipient", personal=True))
    address: str | None = field(default=None, metadata=_fact("address", personal=True))
    address2: str | None = field(default=None, metadata=_fact("address", personal=True))
    city: str | None = field(default=None, metadata=_fact("address", personal=True))
    zip: str | None = field(default=None, metadata=_fact("address", personal=True))
    state: str | None = field(default=None, metadata=_fact("address", personal=True))
    province_code: str | None = field(default=None, metadata=_fact(personal=True))
    country: str | None = field(default=None, metadata=_fact("address"))
    items: str | None = field(default=None, metadata=_fact())
    units_left: int | None = field(default=None, metadata=_fact())
    lines: str | None = field(default=None, metadata=_fact())
    current_total_price: Decimal | None = field(default=None, metadata=_fact())
    current_outstanding: Decimal | None = field(default=None, metadata=_fact())
    presentment_currency: str | None = field(default=None, metadata=_fact())
    gateways: str | None = field(default=None, metadata=_fact("payment gateway"))
    financial_status: str | None = field(default=None, metadata=_fact())
    fulfillment_status: Fulfilment = field(default=Fulfilment.NOTHING, metadata=_fact())
    closed_at: str | None = field(default=None, metadata=_fact())
    source_name: str | None = field(default=None, metadata=_fact())
    is_test: bool = field(default=False, metadata=_fact("test mark"))
    shopify_updated_at: datetime | None = field(default=None, metadata=_fact())

    # Settled by the first body, whatever comes later. How it is paid is None where that says nothing of it.
    is_cod: bool | None = None
    created_at: str | None = None
    placed_at: datetime | None = None

    # Believed from a body of any age, and undone by none.
    shopify_cancelled_at: str | None = None
    shopify_deleted_at: datetime | None = None

    @property
    def unknown(self) -> frozenset[str]:
        """Which facts that decide about a call, or are told in it, nobody has told yet."""
        return frozenset()

    @property
    def phone_is_hidden(self) -> bool:
        """Whether it may have a phone that this app is not shown."""
        return not self.customer_phone and self.phone_fault == PHONE_NOT_SHOWN

    def __repr__(self) -> str:
        """Name the order and nothing of its customer: this is what a log or a failed test shows."""
        return f"{type(self).__name__}({self.shopify_id})"

    @property
    def recipient(self) -> tuple[str | None, str | None]:
        """First and last name of whom it ships to, the customer where the address names nobody; a lone one is first."""
        shown = (self.ship_first_name, self.ship_last_name)
        first, last = shown if any(shown) else (self.first_name, self.last_name)
        return (first, last) if first else (last, None)

    @property
    def due(self) -> Decimal | None:
        """What is still to be paid, or None where nobody can tell."""
        return still_due(self.total_outstanding, self.financial_status, self.total_price, is_cod=self.is_cod)

    @property
    def to_collect(self) -> Decimal | None:
        """What is still to be collected at the door, or None where nobody can tell."""
        return Decimal(0) if self.is_cod is False else self.due if self.is_cod else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it is left to deliver: no piece, or nothing to be paid for at the door.

        What was paid for and costs nothing now was emptied; what cost nothing from the first is a gift. Below nothing
        the shop owes its customer, who owes as little.
        """
        costs, total = self.is_cod or self.total_price, self.current_total_price
        return self.units_left == 0 or (total is not None and (total < 0 or (bool(costs) and total == 0)))

    @property
    def money_now(self) -> MoneyNow:
        """What it costs now and what is due of that, in the currency in which the customer pays."""
        if self.current_total_price is None:
            return MoneyNow(self.total_price, self.due, self.currency)
        return MoneyNow(self.current_total_price, self.current_outstanding, self.presentment_currency)


CHANGING = tuple(each.name for each in fields(OrderFacts) if "changes" in each.metadata)
PERSONAL = tuple(each.name for each in fields(OrderFacts) if each.metadata.get("personal"))
LABELS = {each.name: each.metadata["label"] for each in fields(OrderFacts) if each.metadata.get("label")}
"""By its name, what the timeline calls a fact that changed."""


PHONE_FACTS = frozenset({"customer_phone", "phone_source", "phone_fault"})
"""What is known of a phone, which belongs together."""

JUDGED_BY = frozenset(
    {
        *("product_title", "total_price", "currency", "customer_phone", "first_name", "state", "created_at"),
        *("financial_status", "fulfillment_status", "is_test", "shopify_cancelled_at", "closed_at", "source_name"),
        "placed_at",
    }
)
"""The facts without which nobody can say whether a customer may be rung, in which language, and about what."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Order(OrderFacts):
    """An order as read from a body.

    Attributes:
        remarks: what could not be read, a plain sentence each.
        absent: the facts that the body leaves open; those are None here, and stay what they were where it is known.
        unreadable: those of them that it tells in a way that nobody can read: they are not known any more.
        to_be_read: the body is a part of the order, and leaves open what it has to tell: the shop shows the rest.
        is_final: the shop was asked for the order, so what is absent cannot be had.
    """

    remarks: tuple[str, ...] = ()
    absent: frozenset[str] = field(default=frozenset(), compare=False)
    unreadable: frozenset[str] = field(default=frozenset(), compare=False)
    to_be_read: bool = field(default=False, compare=False)
    is_final: bool = field(default=False, compare=False)

    @property
    def unknown(self) -> frozenset[str]:
        return frozenset() if self.is_final else self.absent & JUDGED_BY

    def completed_from(self, known: OrderFacts) -> Order:
        """Return the order with what its body leaves open as it was known before."""
        open_facts = self.absent | (PHONE_FACTS if "customer_phone" in self.absent else frozenset())
        return replace(self, **{name: getattr(known, name) for name in open_facts}) if open_facts else self
