"""What became of the parcels of an order after they left, and whether all of it came back.

Shopify has no word for a parcel that goes back to its sender. Couriers' programs write the delivery event ``failure``
for one that is not delivered any more, and some shops book a return instead; both are read here. A fulfilment that
never came about has failed too, but its own status says so, and no parcel has left with it.

Source: Shopify's reference for FulfillmentDisplayStatus, FulfillmentEventStatus and OrderReturnStatus.
"""

from __future__ import annotations

from dataclasses import dataclass

from ordercall.domain.words import Word

LEFT = "SUCCESS"
"""The status of a fulfilment with which a parcel left; one that was cancelled or failed has none."""

NOT_DELIVERED = frozenset({"FAILURE", "NOT_DELIVERED"})
"""What a parcel shows that is not delivered any more. ``ATTEMPTED_DELIVERY`` is none: couriers try three times."""

ALL_CLOSED = "RETURNED"
"""The order's return status when each of its returns is closed, be it of a part, or with nothing received."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A parcel that left.

    Attributes:
        state: how its delivery stands, in Shopify's word.
        units: how many pieces are in it.
        was_delivered: it reached its customer at some time, whatever was told of it later.
    """

    state: str
    units: int
    was_delivered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcels:
    """All parcels of an order.

    Attributes:
        waits: something of the order has not left yet.
        return_status: of the order, in Shopify's word.
        returned: how many pieces of closed returns are here again.
    """

    all: tuple[Parcel, ...] = ()
    waits: bool = False
    return_status: str | None = None
    returned: int = 0

    @property
    def words(self) -> str:
        """What is so of them, for a person; empty where nothing was told that goes beyond their leaving."""
        states = dict.fromkeys(_plain(parcel.state) for parcel in self.all if parcel.state not in ("", "FULFILLED"))
        parts = [f"Delivery: {', '.join(states)}."] if states else []
        if self.return_status not in (None, "NO_RETURN"):
            of = (
                f", {self.returned} of {self.units} pieces" if self.returned or self.return_status == ALL_CLOSED else ""
            )
            parts.append(f"Return: {_plain(str(self.return_status))}{of}.")
        return " ".join(parts)

    @property
    def units(self) -> int:
        return sum(parcel.units for parcel in self.all)


class CameBack(Word):
    """How an order came back, as a sentence for a person."""

    sentence: str

    UNDELIVERED = "undelivered", "It could not be delivered."
    RETURNED = "returned", "All of it was returned."


def came_back(parcels: Parcels) -> CameBack | None:
    """Return how all of an order came back; None: it did not, or only a part of it, or nobody can tell."""
    if parcels.waits or not parcels.all:
        return None
    if all(parcel.state in NOT_DELIVERED and not parcel.was_delivered for parcel in parcels.all):
        return CameBack.UNDELIVERED
    whole = parcels.returned >= max(parcels.units, 1)
    return CameBack.RETURNED if whole and parcels.return_status == ALL_CLOSED else None


def _plain(word: str) -> str:
    return word.lower().replace("_", " ")
