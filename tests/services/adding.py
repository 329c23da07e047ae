"""Orders on their way to a campaign's list, and what its requests were."""

from __future__ import annotations

from typing import Any

from house import House
from ordercall.sandbox.contact_ids import contact_id_of
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode

CAMPAIGN = "sandbox-campaign"
CONTACTS, LIST = "/kalimera/contact", "/kalimera/campaign/contacts"
ASIDE = ("failed", "kalimera_refused")
UNCLEAR = ("failed", "outcome_unknown")


def synced(house: House, number: int, **changes: Any) -> int:
    order_id = house.receive(make_order(number, state="Kerala", **changes))
    house.sync.sync(order_id)
    return order_id


def adds(house: House) -> list[Any]:
    return [call.body for call in house.kalimera.calls if call.method == "POST" and call.path.endswith(LIST)]


def lose_the_addition(house: House) -> None:
    """Let the answer to the second request from here on be lost: the first sets the campaign, or looks at it."""
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.LOST)


def contact_of(house: House, order_id: int) -> str:
    return contact_id_of(house.order(order_id).customer_phone)
