"""Reports that are stored in one commit do what they would do one after the other, whatever they have in common."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from house import House
from ordercall.domain.calls.call import CallState
from ordercall.domain.policy.rules import After
from ordercall.jobs.tables import jobs
from ordercall.services.report_service import ReceivedReport
from ordercall.storage import tables
from ordercall.storage.records.reports import Door, Incoming
from ordercall.storage.tables import call_orders, calls, logs, orders, reports
from properties import few
from ringing import rung

PHONES = ("+919876500001", "+919876500002", "+919876500003")
CONTACTS = ("c-1", "c-2", "c-3", "c-4")
NUMBERS = range(1, 7)
CALL_STATES = (*[CallState.PLACED] * 6, CallState.UNANSWERED, CallState.ENDED_UNKNOWN, CallState.IN_DOUBT)
CALL_STATES += (CallState.OVERTAKEN, CallState.ANSWERED, CallState.REJECTED)
WATCHED = (orders, tables.program_cancels, tables.do_not_call, tables.write_backs, tables.order_holds)
SAID: tuple[dict[str, Any], ...] = (
    {"answer": "confirmed"},
    {"answer": "confirmed", "quote": "haan, bhej do", "connection": "connected", "completion": "completed"},
    {"answer": "refused"},
    {"answer": "refused", "final": False},
    {"answer": "refused", "connection": "no_answer"},
    {"answer": "changed"},
    {"connection": "no_answer"},
    {"connection": "no_answer"},
    {"connection": "busy"},
    {"connection": "voicemail", "final": False},
    {"connection": "connected", "completion": "completed"},
    {"callback_at": "2026-11-24T16:00:00+05:30"},
    {"language": "hi"},
    {"do_not_call": True},
    {"answer": "confirmed", "address": {"city": "Kochi", "zip": "682031"}},
    {"disposition": "CNF"},
    {"note": "call dropped"},
)


def fill(tx: Connection, house: House, chance: Random) -> list[str]:
    """Store orders of three customers, with calls that got anywhere; return the ids of those calls."""
    ids = []
    for number in NUMBERS:
        since = (house.now - timedelta(minutes=number)).timestamp()
        status = chance.choice(("Placed", "Placed", "Placed", "Placed", "Success", "Failed"))
        row = {"shopify_id": number, "customer_phone": chance.choice(PHONES), "confirmation_status": status}
        row |= {"calling_state": "on_campaign", "placed_at": since, "order_name": f"#{number}", "is_test": 0}
        row |= {"webhook_timestamp": since, "total_price": 500, "currency": "INR", "status_changed_at": since}
        row |= {"cancel_state": chance.choice((None, "delayed", "done")) if status == "Failed" else None}
        tx.execute(insert(orders).values(row))
        ids.append(called(tx, house, chance, number))
    if chance.random() < 0.3:
        rings_together(tx, ids[:2])
    return ids


def called(tx: Connection, house: House, chance: Random, number: int) -> str:
    began = chance.choice((timedelta(minutes=20), timedelta(hours=3)))
    state, on_card = chance.choice(CALL_STATES), chance.random() < 0.9
    contact, call_id = chance.choice(CONTACTS), f"call-{number}"
    return rung(tx, number, now=house.now, contact=contact, state=state, began=began, on_card=on_card, call_id=call_id)


def rings_together(tx: Connection, ids: list[str]) -> None:
    tx.execute(calls.update().where(calls.c.call_id.in_(ids)).values(rings_with="joint-1", card_orders=len(ids)))


def batch(house: House, chance: Random, ids: list[str]) -> list[Incoming]:
    """Return reports of which many are about the same, and some come twice."""
    came: list[Incoming] = []
    for place in range(chance.randint(2, 9)):
        if came and chance.random() < 0.15:
            came.append(chance.choice(came))
            continue
        at_address = chance.choice((*NUMBERS, 99)) if chance.random() < 0.2 else None
        door = Door.API if at_address is None else Door.STATUS
        body = b"no JSON" if chance.random() < 0.05 else json.dumps(said(chance, ids, place, door)).encode()
        came.append(
            Incoming(
                door=door,
                sender="API",
                body=body,
                received_at=house.now,
                shopify_id=at_address,
                may_force=chance.random() < 0.5,
            )
        )
    return came


def said(chance: Random, ids: list[str], place: int, door: Door) -> dict[str, Any]:
    named: dict[str, Any] = {
        "contact_id": chance.choice((*CONTACTS, "nobody's")),
        "phone": chance.choice((*PHONES, "+919876500009")),
        "shopify_id": chance.choice((*NUMBERS, 99)),
        "call_id": chance.choice((*ids, "joint-1")),
    }
    keys = [] if door is Door.STATUS else [chance.choice(list(named)) for _ in range(chance.choice((1, 1, 1, 2)))]
    words = {key: named[key] for key in keys} | chance.choice(SAID)
    if door is Door.STATUS and chance.random() < 0.5:
        words |= {"status": chance.choice(("Success", "Failed", "Returned")), "force": chance.random() < 0.2}
    return words | ({"report_id": f"r-{chance.choice((place, 1))}"} if chance.random() < 0.4 else {})


def all_that_is_stored(tx: Connection) -> dict[str, Any]:
    """Return it without the numbers that are counted on, whoever stores."""
    found: dict[str, Any] = {table.name: rows(tx, select(table)) for table in WATCHED}
    in_order = [row._asdict() for row in tx.execute(select(reports).order_by(reports.c.id))]
    places = {str(row["id"]): f"<{place}>" for place, row in enumerate(in_order)}
    found["reports"] = [row | {"id": places[str(row["id"])]} for row in in_order]
    entries = tx.execute(select(logs).order_by(logs.c.shopify_id, logs.c.id))
    found["logs"] = [
        (row.shopify_id, row.event_type, row.actor, re.sub(r"\d+", lambda one: places.get(one[0], one[0]), row.message))
        for row in entries
    ]
    unlike = {"call_id", "planned_at"}
    about = select(call_orders, *[column for column in calls.c if column.name not in unlike])
    about = about.join(calls, calls.c.call_id == call_orders.c.call_id)
    found["calls"] = sorted(
        str({k: v for k, v in row._asdict().items() if k != "call_id"}) for row in tx.execute(about)
    )
    waiting = select(jobs.c.task_name, jobs.c.args, jobs.c.lock, jobs.c.queueing_lock, jobs.c.priority)
    found["jobs"] = rows(tx, waiting)
    proposals = [column for column in tables.address_proposals.c if column.name not in ("id", "report_id", "report")]
    found["proposals"] = rows(tx, select(*proposals))
    return found


def rows(tx: Connection, query: Any) -> list[str]:
    return sorted(
        str({name: value for name, value in row._asdict().items() if name != "id"}) for row in tx.execute(query)
    )


def outcome(received: ReceivedReport, places: dict[int, int]) -> Any:
    """Return what the sender hears, with the place of its report among those of this transaction."""
    place = places.setdefault(received.number, len(places))
    return (
        place,
        received.fate,
        received.why,
        received.meant,
        received.previous,
        dict(received.changes),
        (received.repeated),
    )


def tried(house: House, begins: int, *, one_by_one: bool) -> tuple[list[Any], dict[str, Any]]:
    """Take in a batch, see what it did, and undo it."""
    chance = Random(begins)  # noqa: S311 - nothing is secret here
    with house.db.engine.connect() as tx:
        came = batch(house, chance, fill(tx, house, chance))
        parts = [[one] for one in came] if one_by_one else [came]
        places: dict[int, int] = {}
        heard = [outcome(each, places) for part in parts for each in house.reports.receive_all(tx, part)]
        stored = all_that_is_stored(tx)
        tx.rollback()
    return heard, stored


@few(25)
@given(begins=st.integers(0, 2**32))
def test_a_batch_does_what_its_reports_do_one_after_the_other(house: House, begins: int) -> None:
    house.publish("attempts", number=3, gaps=(timedelta(hours=1),), after=frozenset(After))

    assert tried(house, begins, one_by_one=False) == tried(house, begins, one_by_one=True)
