"""A shop with a history, to measure against: ``python bench/shop.py PLACE 100000`` makes one.

PLACE is a file, or the address of a Postgres database with our tables.

A thousand orders a day, today's among them, so a longer history changes nothing about today. Names, places, amounts and
outcomes are drawn from the same seed: two shops of one size are alike. What would ring or write to somebody cannot:
the phones begin with 555 and the addresses end in example.com.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, insert

from ordercall.domain.activity import Event
from ordercall.domain.calls.calling import INDIA
from ordercall.sandbox.orders import PEOPLE, PRODUCTS
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.engine.opening import database_at
from ordercall.storage.reads import search
from ordercall.storage.tables import deliveries, logs, orders

PER_DAY = 1_000
SLICE = 5_000
FIRST_ID = 6_300_000_000_000
ID_STEP = 32_768
"""Shopify numbers the orders of all shops together, so those of one lie apart."""

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=INDIA)

FIRST_NAMES = (
    "Aarav Aditi Ajay Akash Amit Ananya Anil Anjali Arjun Asha Deepa Dev Divya Farhan Gaurav Geeta Harsh Hetal Isha"
    " Jaya Jignesh Karan Kavya Kiran Lakshmi Manish Maya Meera Mohan Neha Nikhil Nisha Pooja Pradeep Priya Rahul Rajesh"
    " Rani Ravi Ritu Rohan Sanjay Sara Seema Simran Sneha Sunil Suresh Swati Tara Uma Varun Vijay Vikram Yash Zoya"
)
LAST_NAMES = (
    "Agarwal Bhatt Chauhan Choudhury Das Desai Deshmukh Dutta Fernandes Ghosh Gill Gupta Iyer Jain Joshi Kapoor"
    " Kaur Khan Kumar Malhotra Mehta Menon Mishra Mukherjee Nair Naidu Pandey Patel Pillai Prasad Rao Reddy Roy"
    " Saxena Shah Sharma Shetty Singh Sinha Srinivasan Thomas Trivedi Varma Verma Yadav"
)
PLACES = (
    *((person.city, person.state) for person in PEOPLE),
    *(("Mumbai", "Maharashtra"), ("Delhi", "Delhi"), ("Nagpur", "Maharashtra"), ("Indore", "Madhya Pradesh")),
    *(("Bhopal", "Madhya Pradesh"), ("Patna", "Bihar"), ("Coimbatore", "Tamil Nadu"), ("Guwahati", "Assam")),
)
OUTCOMES = ["Success"] * 62 + ["Returned"] * 12 + ["Failed"] * 18 + ["Placed"] * 8
OUTCOMES_TODAY = ["Success"] * 35 + ["Returned"] * 2 + ["Failed"] * 8 + ["Placed"] * 55
CURRENCIES = ["INR"] * 94 + ["AED"] * 4 + ["USD"] * 2
CALLING = [("on_campaign", None)] * 90 + [("not_called", "no_phone")] * 4 + [("failed", "kalimera_refused")] * 3
CALLING += [("queued", None)] * 3
EVENTS = (Event.WEBHOOK_RECEIVED, Event.CONTACT_CREATED, Event.CONTACT_LISTED, Event.SYNC_SUCCESS)


@dataclass
class History:
    """So many orders up to now. ``dice`` decides everything about them."""

    orders: int
    now: datetime = NOW
    dice: Random = field(default_factory=lambda: Random(1))  # noqa: S311 - figures to measure with

    def __post_init__(self) -> None:
        self.first_names, self.last_names = FIRST_NAMES.split(), LAST_NAMES.split()

    def slices(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows of ``orders``, the oldest first."""
        for start in range(0, self.orders, SLICE):
            yield [self._order(number) for number in range(start, min(start + SLICE, self.orders))]

    def _order(self, number: int) -> dict[str, Any]:
        dice, placed_at = self.dice, self._placed_at(number)
        today = number >= self.orders - PER_DAY
        first, last = dice.choice(self.first_names), dice.choice(self.last_names)
        (city, state), product = dice.choice(PLACES), dice.choice(PRODUCTS)
        status = dice.choice(OUTCOMES_TODAY if today else OUTCOMES)
        calling, reason = dice.choice(CALLING) if status == "Placed" else CALLING[0]
        if calling == "queued" and not today:
            calling = "on_campaign"
        decided = placed_at + dice.expovariate(1 / 3_600)
        customer = dice.randrange(self.orders // 2 + 1)
        return {
            "shopify_id": FIRST_ID + number * ID_STEP,
            "order_name": f"#{1001 + number}",
            "product_title": product.title,
            "total_price": float(product.price * dice.choice((1, 1, 1, 2, 3))),
            "currency": dice.choice(CURRENCIES),
            "customer_email": f"{first}.{last}{customer}@example.com".lower(),
            "customer_phone": None if reason == "no_phone" else f"+91555{customer % 10_000_000:07d}",
            "created_at": datetime.fromtimestamp(placed_at, INDIA).isoformat(timespec="seconds"),
            "confirmation_status": status,
            "webhook_timestamp": placed_at + 1,
            "first_name": first,
            "last_name": last,
            "address": f"{dice.randrange(1, 400)} Lake View Road",
            "city": city,
            "state": state,
            "placed_at": placed_at,
            "country": "IN",
            "item_count": 1,
            "gateways": "Cash on Delivery (COD)",
            "financial_status": "pending",
            "is_cod": 1,
            "is_test": int(dice.random() < 0.005),
            "status_changed_at": placed_at + 1 if status == "Placed" else decided,
            "status_changed_by": None if status == "Placed" else "API",
            "calling_state": calling,
            "calling_reason": reason,
            "calling_changed_at": placed_at + 5,
        }

    def _placed_at(self, number: int) -> float:
        """Return when the order was placed: today's between midnight and now, each other day's over its day."""
        days_ago, place = divmod(self.orders - 1 - number, PER_DAY)
        midnight = self.now.replace(hour=0, minute=0, second=0) - timedelta(days=days_ago)
        day = (self.now - midnight).total_seconds() if days_ago == 0 else 86_400.0
        return float(int(midnight.timestamp() + day * (1 - (place + 0.5) / PER_DAY)))


def make_shop(db: Database, history: History) -> None:
    """Store a shop's history: orders, what was logged about them, their webhooks without the bodies."""
    for rows in history.slices():
        with db.begin() as tx:
            tx.execute(insert(orders), rows)
            tx.execute(insert(logs), [entry for row in rows for entry in _log(row)])
            tx.execute(insert(deliveries), [_delivery(row) for row in rows])
            _index(tx)
            dialect(tx).settle_counters(tx)


def _index(tx: Connection) -> None:
    while search.index_some(tx, SLICE):
        pass


def _log(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    events = [*EVENTS, Event.STATUS_UPDATED] if row["status_changed_by"] else EVENTS
    for seconds, event in enumerate(events, start=1):
        at = datetime.fromtimestamp(row["placed_at"] + seconds, UTC).isoformat(timespec="milliseconds")
        yield {"shopify_id": row["shopify_id"], "timestamp": at, "event_type": event, "message": f"{event}."}


def _delivery(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "webhook_id": f"w-{row['shopify_id']}",
        "body_digest": f"{row['shopify_id']:x}",
        "topic": "orders/create",
        "received_at": row["webhook_timestamp"],
        "headers": "{}",
        "secret_name": "SHOPIFY_SHARED_SECRET",
        "shopify_id": row["shopify_id"],
        "outcome": "stored",
    }


def main() -> None:
    place, number = sys.argv[1], int(sys.argv[2])
    db = database_at(place, Path()) if place.startswith("postgresql:") else database_at("", Path(place))
    db.upgrade()
    make_shop(db, History(number))
    db.close()


if __name__ == "__main__":
    main()
