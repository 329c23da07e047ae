"""The names of what happens to an order, as they stand in the ``logs`` table."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

SECRET_KEYS = re.compile(r"token|secret|authorization|password|signature", re.IGNORECASE)
PERSONAL_KEYS = re.compile(
    r"phone|mobile|whatsapp|msisdn|number|email|address|street|name$|^name|city|zip|postal|pincode|state",
    re.IGNORECASE,
)
LONGEST_TEXT = 2_000
HIDDEN = "•••"


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
    STATUS_UPDATED = "Order_Status_Updated"
    ORDER_CHANGED = "Shopify_Order_Updated"
    ORDER_CANCELLED = "Shopify_Order_Cancelled"
    CALL_STANDS = "Kalimera_Call_Not_Stopped"
    CANCEL_REQUESTED = "Shopify_Cancel_Requested"
    CANCEL_WITHDRAWN = "Shopify_Cancel_Withdrawn"
    CANCEL_SUCCESS = "Shopify_Cancel_Success"
    CANCEL_ERROR = "Shopify_Cancel_Error"
    CANCEL_UNCLEAR = "Shopify_Cancel_Unclear"
    TAG_ADDED = "Shopify_Tag_Added"
    TAG_ERROR = "Shopify_Tag_Error"
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
    }
)
"""The events that a person who looks for trouble wants to see alone."""


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


def mask(value: Any) -> Any:
    """Return a copy of a JSON value in which secrets and personal data are hidden and long texts are cut."""
    if isinstance(value, dict):
        return {_without_numbers(str(key)): _mask_item(str(key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [mask(item) for item in value[:50]]
    if isinstance(value, str):
        return _without_numbers(value[:LONGEST_TEXT])
    return value


def texts_to_hide(value: Any) -> set[str]:
    """Return the texts of a JSON value that stand under personal or secret keys, wherever they are."""
    if isinstance(value, list):
        return {text for item in value for text in texts_to_hide(item)}
    if not isinstance(value, dict):
        return set()
    found = {item for key, item in value.items() if isinstance(item, str) and _is_hidden(str(key))}
    return found | {text for item in value.values() for text in texts_to_hide(item)}


def _is_hidden(key: str) -> bool:
    return _is_personal(key) or bool(SECRET_KEYS.search(key))


def _is_personal(key: str) -> bool:
    return bool(PERSONAL_KEYS.search(key)) and key != "order_name"


def _mask_item(key: str, value: Any) -> Any:
    if value is None:
        return None
    if SECRET_KEYS.search(key):
        return HIDDEN
    if _is_personal(key):
        return _hide(value, tail=2 if "phone" in key.lower() else 0)
    return mask(value)


def _hide(value: Any, *, tail: int) -> Any:
    """Hide every text below *value* but its last characters; what a list or an object looks like stays visible."""
    if isinstance(value, dict):
        return {key: _hide(item, tail=tail) for key, item in value.items()}
    if isinstance(value, list):
        return [_hide(item, tail=tail) for item in value[:50]]
    if isinstance(value, bool):
        return value
    return HIDDEN + (str(value)[-tail:] if tail else "")


def _without_numbers(text: str) -> str:
    """Hide what looks like a phone number or an e-mail address inside a provider's own words."""
    text = re.sub(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.]{1,63}", "•••@•••", text)
    text = re.sub(r"\+\d[\d\s().-]{7,}\d", f"+{HIDDEN}", text)
    return re.sub(r"(?<![\w-])(?:00)?(?:\d[ -]?){9,11}\d(?![\w-])", HIDDEN, text)
