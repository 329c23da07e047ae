"""The address of a call on an order's page: what the order has beside what is proposed, with what differs marked."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ordercall.domain.phones.choosing import to_e164
from ordercall.domain.places.addresses import (
    FOR_A_PERSON,
    FURTHER,
    INDIA,
    PLACE,
    Address,
    State,
    against,
    differences,
    fingerprint,
    of_order,
    proposed,
    states,
    warning,
)
from ordercall.storage.records import addresses
from ordercall.storage.records.addresses import Proposal
from ordercall.storage.records.stored_order import StoredOrder

LABELS = {
    **{"address1": "Address", "address2": "Second line", "city": "City", "province": "State", "zip": "PIN code"},
    "country": "Country",
}
STATES = dict(states())


@dataclass(frozen=True, slots=True)
class Row:
    """A part of the address: what the order has, and what it is to have."""

    name: str
    label: str
    old: str
    new: str
    differs: bool

    @property
    def old_shown(self) -> str:
        return self._in_words(self.old)

    @property
    def new_shown(self) -> str:
        return self._in_words(self.new)

    def _in_words(self, part: str) -> str:
        return STATES.get(part, part) if self.name == "province" else part


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCard:
    """What a person sees of an address that was given in a call.

    Attributes:
        name: the name that it is to bear; empty where that stays.
        other_phone: the phone that was given, where the order has another one; it is only shown.
        shown: the fingerprint of the order's address.
        too_late: why it can be corrected no more.
        states: by their codes, for an address in India.
    """

    proposal: Proposal
    rows: list[Row]
    name: str
    further: list[str]
    other_phone: str | None
    shown: str
    warning: str | None
    too_late: str | None
    states: dict[str, str] | None

    @property
    def to_decide(self) -> bool:
        return self.proposal.state in FOR_A_PERSON


def card(tx: Connection, order: StoredOrder, *, typed: Address | None = None) -> AddressCard | None:
    """Return the card of the address that a person looks at next; None: none was given, or the last was rejected.

    Args:
        typed: what a person has made of it so far.
    """
    proposal = addresses.next_to_show(tx, order.shopify_id)
    if proposal is None or proposal.state in (State.REJECTED, State.REPLACED):
        return None
    old = of_order(order)
    new = typed or proposal.after or proposed(proposal.said, old)
    unlike, phone = differences(old, new), proposal.said.get("phone")
    is_gone = order.shopify_cancelled_at is not None or order.shopify_deleted_at is not None
    return AddressCard(
        proposal=proposal,
        rows=[Row(name, LABELS[name], getattr(old, name), getattr(new, name), name in unlike) for name in PLACE],
        name=new.name,
        further=proposal.said.get(FURTHER, "").splitlines(),
        other_phone=phone if phone and (to_e164(phone) or phone) != order.customer_phone else None,
        shown=fingerprint(old),
        warning=warning(new),
        too_late=against(order.fulfillment_status, is_cancelled=is_gone),
        states=STATES if new.country == INDIA else None,
    )
