"""What came of many orders, as Kalimera saw it: who was listed wrongly, and what was asked twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ordercall.sandbox.kalimera import FakeKalimera

AGENT = {"Gujarat": "sandbox-agent-hindi", "Kerala": "sandbox-agent-english"}


def wrongly_listed(orders: list[dict[str, Any]], kalimera: FakeKalimera) -> list[str]:
    """Return the phones that were put on the list under another agent than that of their state."""
    state_of = {order["phone"]: order["shipping_address"]["province"] for order in orders}
    return [entry.phone for entry in kalimera.listings if entry.agent_id != AGENT[state_of[entry.phone]]]


def repeated_requests(kalimera: FakeKalimera) -> int:
    """Return how many of the requests to add contacts held one that an earlier request held."""
    seen: set[str] = set()
    repeated = 0
    for call in kalimera.calls:
        if call.method == "POST" and call.path.endswith("/campaign/contacts"):
            repeated += bool(seen & set(call.body["contact_ids"]))
            seen |= set(call.body["contact_ids"])
    return repeated


def created_twice(kalimera: FakeKalimera) -> list[str]:
    """Return the phones for which more than one contact was asked to be created."""
    creations = (call for call in kalimera.calls if call.method == "POST" and call.path.endswith("/contact"))
    asked = Counter(call.body["phone"] for call in creations)
    return [phone for phone, times in asked.items() if times > 1]
