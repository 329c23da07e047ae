"""The names of what happens to an order, as they stand in the ``logs`` table."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Event(StrEnum):
    """One kind of entry in an order's activity log."""

    WEBHOOK_RECEIVED = "Shopify_Webhook_Received"
    AGENT_SELECTED = "Agent_Selected"
    CONTACT_CREATED = "Kalimera_Contact_Created"
    CONTACT_REUSED = "Kalimera_Contact_Reused"
    CAMPAIGN_UPDATED = "Kalimera_Campaign_Updated"
    CONTACT_LISTED = "Kalimera_Contact_Added_To_List"
    SYNC_SUCCESS = "Kalimera_Sync_Success"
    SYNC_DEFERRED = "Kalimera_Sync_Deferred"
    SYNC_ERROR = "Kalimera_Sync_Error"
    NOT_CALLED = "Order_Not_Called"
    SYNC_REQUESTED = "Order_Sync_Requested"
    NUMBER_LISTED = "Number_Not_To_Be_Called"
    NUMBER_UNLISTED = "Number_May_Be_Called"
    CALL_UNANSWERED = "Call_Unanswered"
    CALL_UNKNOWN = "Call_Outcome_Unknown"
    STATUS_UPDATED = "Order_Status_Updated"
    ORDER_CHANGED = "Shopify_Order_Updated"
    ORDER_CANCELLED = "Shopify_Order_Cancelled"
    CALL_STANDS = "Kalimera_Call_Not_Stopped"
    CANCEL_REQUESTED = "Shopify_Cancel_Requested"
    CANCEL_WITHDRAWN = "Shopify_Cancel_Withdrawn"
    CANCEL_SUCCESS = "Shopify_Cancel_Success"
    CANCEL_ERROR = "Shopify_Cancel_Error"
    CANCEL_UNCLEAR = "Shopify_Cancel_Unclear"
    HOLD_MADE = "Shopify_Hold_Made"
    HOLD_RELEASED = "Shopify_Hold_Released"
    HOLD_ERROR = "Shopify_Hold_Error"
    ADDRESS_PROPOSED = "Address_Proposed"
    ADDRESS_DECIDED = "Address_Decided"
    ADDRESS_SEEN = "Shopify_Address_Seen"
    ADDRESS_ERROR = "Shopify_Address_Error"
    TAG_ADDED = "Shopify_Tag_Added"
    TAG_ERROR = "Shopify_Tag_Error"
    REPORTED = "Call_Reported"
    NOTE_ADDED = "Order_Note_Added"
    CUSTOMER_ERASED = "Customer_Data_Erased"
    DELIVERY_HANDLED = "Delivery_Handled"
    BULK_STARTED = "Bulk_Run_Started"
    ORDERS_EXPORTED = "Orders_Exported"
    DEMO_REMOVED = "Demo_Orders_Removed"


PROBLEMS = frozenset(
    {
        Event.SYNC_ERROR,
        Event.NOT_CALLED,
        Event.CALL_STANDS,
        Event.CANCEL_ERROR,
        Event.CANCEL_UNCLEAR,
        Event.TAG_ERROR,
        Event.HOLD_ERROR,
        Event.ADDRESS_ERROR,
    }
)
"""The events that a person who looks for trouble wants to see alone."""


DONE_BY_HAND = frozenset(
    {
        Event.STATUS_UPDATED,
        Event.NOTE_ADDED,
        Event.SYNC_REQUESTED,
        Event.NUMBER_LISTED,
        Event.NUMBER_UNLISTED,
        Event.CANCEL_WITHDRAWN,
        Event.HOLD_RELEASED,
        Event.ADDRESS_DECIDED,
        Event.DELIVERY_HANDLED,
        Event.BULK_STARTED,
        Event.ORDERS_EXPORTED,
        Event.DEMO_REMOVED,
    }
)
"""The events that a person may have caused: those of the *History*, where a person stands beside them."""

API, AGENT, SHOPIFY, THIS_MACHINE, COMMAND_LINE = "API", "agent", "Shopify", "this machine", "the command line"
PROGRAMS = (API, AGENT, SHOPIFY, THIS_MACHINE, COMMAND_LINE)
"""Who is no person, of those that an entry may name: who comes with SYNC_API_TOKEN, and who without anything, too."""

KEY = "key "
"""How an entry begins to name a program that has a key of its own."""

OF_A_RUN = ", run "
"""Between the person who changed an order and the number of the bulk run by which they did."""

_STATUS = re.compile(r"Status changed from (.+) to (\S+) by ")
_RUN = re.compile(r"Run (\d+) started: ")


def status_changed(previous: str, new: str, by: str) -> str:
    """Return the entry of a change of status."""
    return f"Status changed from {previous} to {new} by {by}."


def read_status_change(message: str) -> tuple[str, str] | None:
    """Return the two statuses of such an entry; None for another one."""
    found = _STATUS.match(message)
    return (found[1], found[2]) if found else None


def run_started(number: int, action: str, described: str) -> str:
    """Return the entry of a bulk run that begins."""
    return f"Run {number} started: {action}, {described}."


def read_run(message: str) -> int | None:
    """Return the number of the bulk run that such an entry is about; None for another one."""
    found = _RUN.match(message)
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class ProviderCall:
    """One request to Shopify or Kalimera and what came back, with secrets and personal data masked.

    ``status`` is None when no answer came. ``milliseconds`` is the time on the wire.
    """

    method: str
    path: str
    status: int | None
    milliseconds: int
    request: Any = field(default=None)
    response: Any = field(default=None)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
