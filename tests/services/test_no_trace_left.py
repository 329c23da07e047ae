"""After an erasure nothing of the person is in the database's file, its log or its free space, nor in a dump."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import LargeBinary, Text

from belting import say
from databases import ask
from house import SECRET, House
from ordercall.domain.activity import Event
from ordercall.domain.orders.traces import Traces
from ordercall.jobs.tasks import settle_reads
from ordercall.sandbox.contact_ids import CONTACT_ID
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.webhooks import signed_headers
from ordercall.storage.engine.sqlite_database import SQLiteDatabase
from ordercall.storage.personal import TABLES
from ordercall.storage.records import activity, saved_views
from ordercall.storage.records.reports import Door, Incoming
from ordercall.storage.tables import metadata

PHONE, EMAIL, STREET = "+915550000041", "zenobia.quaresma@example.org", "17 Vellankode Lane"
FIRST, LAST = "Zenobia", "Quaresma"
SAID = {"address1": "88 Thrikkavu Cross", "city": "Kochi", "state": "Kerala", "pincode": "682 031"}
TRACES = ("5550000041", "55500 00041", EMAIL, FIRST, LAST, STREET, SAID["address1"])
CAMPAIGN = "sandbox-campaign"
SANDBOX_CONTACT = re.compile(CONTACT_ID.pattern.encode())
"""The sandbox's own ids hold the phone. Ids stay, for a person to erase at Kalimera."""


def raw(house: House, place: dict[str, str]) -> bytes:
    """Return all that a thief of the disk, or of a dump, would read."""
    if isinstance(house.db, SQLiteDatabase):
        path = house.db.path
        files = (path, path.with_name(f"{path.name}-wal"))
        return b"".join(file.read_bytes() for file in files if file.exists())
    with psycopg.connect(place["DATABASE_URL"]) as connection:
        connection.execute("SET bytea_output = 'escape'")  # a dump of all rows, as pg_dump reads them
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = (connection.execute(f'SELECT t::text FROM "{name}" t').fetchall() for (name,) in tables)  # noqa: S608
        return "\n".join(str(row[0]) for some in rows for row in some).encode()


def found_in(content: bytes) -> list[str]:
    lowered = SANDBOX_CONTACT.sub(b"", content).lower()
    return [trace for trace in TRACES if trace.lower().encode() in lowered]


def their_order(house: House, number: int = 1) -> int:
    address = {"first_name": FIRST, "last_name": LAST, "address1": STREET, "phone": "+91 55500 00041"}
    order = make_order(number, phone=PHONE, email=EMAIL, note=f"For {FIRST} {LAST}")
    order["shipping_address"] = order.get("shipping_address", {}) | address
    order["customer"] = order.get("customer", {}) | {"first_name": FIRST, "last_name": LAST, "email": EMAIL}
    return house.receive(order)


def have_all_happen(house: House) -> int:
    """Take an order through everything that keeps a word about its customer."""
    order_id = their_order(house)
    house.receive({"id": 9, "email": EMAIL, "phone": "5550000041"}, "customers/update")
    unreadable = json.dumps({"name": f"{FIRST} {LAST}", "phone": PHONE}).encode()
    house.reception.answer(signed_headers(unreadable, topic="orders/create", secret=SECRET).items(), unreadable)
    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)
    settle_reads(house.db)
    say(house, order_id, status="Success", address=SAID, note=f"{FIRST} said yes")
    letter = json.dumps({"about": f"{FIRST} {LAST}", "tel": "55500 00041", "answer": "perhaps"}).encode()
    house.reports.receive(Incoming(door=Door.API, sender="API", body=letter, received_at=house.now))
    with house.db.begin() as tx:
        now = house.now
        activity.record(tx, order_id, Event.NOTE_ADDED, f"{FIRST} asks for {STREET}", now=now, actor="Asha")
        activity.record(tx, order_id, Event.HOLD_ERROR, f"Shopify: {LAST} is no customer", now=now)
        activity.record(tx, None, Event.ORDERS_EXPORTED, f"Exported as CSV: search {EMAIL}.", now=now, actor="Asha")
        saved_views.save(tx, "her orders", f"q={FIRST}+{LAST}", by="Asha", now=now)
        ask(tx, "INSERT INTO pauses (began_at, began_by, why) VALUES (1, 'Asha', ?)", f"called {FIRST} {LAST} twice")
        ask(
            tx,
            "INSERT INTO bulk_runs (id, action, described, made_by, made_at) VALUES (1, 'Failed', ?, 'Asha', 1)",
            f"search “{PHONE}”",
        )
        ask(
            tx,
            "INSERT INTO bulk_items (run_id, shopify_id, state, seen, message) VALUES (1, ?, 'done', '1', ?)",
            order_id,
            f"done for {FIRST}",
        )
    return order_id


def test_the_scan_sees_each_of_them_before(house: House, place: dict[str, str]) -> None:
    have_all_happen(house)

    assert found_in(raw(house, place)) == list(TRACES)


def test_after_an_erasure_nothing_of_the_person_is_left(house: House, place: dict[str, str]) -> None:
    others = [house.receive(make_order(number, phone=f"+9155500001{number}")) for number in range(20, 40)]
    order_id = have_all_happen(house)

    house.request_erasure(order_id)
    house.do_erasures()

    assert found_in(raw(house, place)) == []
    assert house.order(order_id).erased_at is not None
    assert all(house.order(one).customer_phone for one in others)


def test_what_is_told_before_its_order_comes_is_kept_and_the_order_stored_without_them(
    house: House, place: dict[str, str]
) -> None:
    house.receive({"id": 1, "order_id": make_order(1)["id"], "note": f"{FIRST} {LAST}"}, "refunds/create")
    house.request_erasure(make_order(1)["id"])
    house.do_erasures()

    order_id = their_order(house)

    order = house.order(order_id)
    assert (order.customer_phone, order.first_name, order.calling_reason) == (None, None, "erased")
    assert order.erased_at is not None
    assert house.events(order_id)[-1] == Event.CUSTOMER_ERASED
    assert found_in(raw(house, place)) == []
    assert house.jobs("sync_order") == []

    house.pass_time(days=1)
    later = (house.now + timedelta(minutes=1)).isoformat()
    house.receive(make_order(1, phone=PHONE, email=EMAIL, updated_at=later), "orders/updated")

    assert (house.order(order_id).customer_phone, found_in(raw(house, place))) == (None, [])


def test_a_later_order_of_the_same_person_is_no_part_of_what_was_erased(house: House) -> None:
    house.request_erasure(make_order(1)["id"])
    house.do_erasures()
    their_order(house)

    other = their_order(house, 2)

    assert house.order(other).customer_phone == PHONE


def test_every_text_of_every_table_is_declared_once() -> None:
    texts = {
        table.name: sorted(column.name for column in table.columns if isinstance(column.type, Text | LargeBinary))
        for table in metadata.sorted_tables
    }

    assert {name: sorted(holds.names) for name, holds in TABLES.items()} == texts


@pytest.mark.parametrize(
    "text",
    [
        "+91 98765-43210",
        "(098765) 43210",
        "tel:९८७६५४३२१०",
        'x "\\u0041sha Patel" y',
        "q=ASHA%20patel",
        b'{"phone": "9876543210"}',
        "asha patel at the door".encode("utf-16"),
        "12 lake ROAD, Kochi",
    ],
)
def test_a_person_is_found_however_they_are_written(text: str | bytes) -> None:
    traces = Traces.of(phones=["+919876543210"], names=[("Asha", "Patel")], lines=["12 Lake Road"], parts=["Kochi"])

    assert traces.are_in(text)
    assert not traces.are_in("Asha of Kochi, 98765 43211")
    assert traces.are_touched_in("Asha of Kochi")
