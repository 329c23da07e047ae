"""What an app must be allowed to do in a shop.

Source: Shopify's page on access scopes. A scope to write includes the one to read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

READ, WRITE, READ_CUSTOMERS, READ_ALL = "read_orders", "write_orders", "read_customers", "read_all_orders"
NEEDED = {
    READ: "no order can be read again, and webhooks about orders cannot be asked for",
    WRITE: "no order can be cancelled in Shopify, no address corrected, and none is written to",
    READ_CUSTOMERS: "where an order is read again its customer is not shown, whose phone and name stay unknown then",
}
"""The scopes that our queries need, and what goes without each."""

HOLD_OWN, HOLD_OTHER = "write_merchant_managed_fulfillment_orders", "write_third_party_fulfillment_orders"
NEEDED_TO_HOLD = {
    HOLD_OWN: "no parcel can be held until its customer has answered",
    HOLD_OTHER: "what another fulfilment service packs is not held, and Shopify does not even show that it is there",
}
"""What is needed beside those where the policy has parcels held. Nobody is asked for them else."""

READ_RETURNS = "read_returns"
NEEDED_TO_SEE_RETURNS = ("read_fulfillments", READ_RETURNS)
"""What lets an order become Returned without a person: both, or nothing is asked. An app without them does all else."""

MEND = "Add it to the app's scopes, release that version of the app, and approve it in the shop."


def missing_scopes(granted: Collection[str], *, holds: bool = False) -> dict[str, str]:
    """Return the scopes that are needed and not granted, with what goes without each.

    Args:
        holds: parcels are held.
    """
    wanted = NEEDED | NEEDED_TO_HOLD if holds else NEEDED
    missing = missing_among(wanted, granted)
    return {scope: wanted[scope] for scope in missing}


def missing_among(wanted: Iterable[str], granted: Collection[str]) -> list[str]:
    """Return those of the scopes that are not granted."""
    return [scope for scope in wanted if scope not in granted and scope.replace("read_", "write_") not in granted]
