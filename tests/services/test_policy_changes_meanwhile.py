"""A policy that is published while a thousand orders wait, and two that are published at the same moment."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from house import House
from ordercall.domain.calls.calling import CallingState, Language
from ordercall.domain.orders.order import Status
from ordercall.errors import PolicyConflict
from ordercall.providers.shopify.payload import read_order
from ordercall.sandbox.contact_ids import contact_id_of
from ordercall.sandbox.kalimera import Listing
from ordercall.sandbox.orders import make_order
from ordercall.services import policy_service
from ordercall.storage.records import calls, campaigns, decisions, orders, policies
from ordercall.storage.records.orders import NewOrder
from ordercall.storage.tables import calls as call_rows

CAMPAIGN = "sandbox-campaign"
WAITING = 1_000


def wait_for_place(house: House, number: int) -> list[int]:
    """Store so many orders whose contacts are made and who wait for their place on the campaign."""
    house.kalimera.recalls_contacts = True
    found = [
        read_order(json.dumps(make_order(n, state="Kerala", phone=f"+9198{n:08}")).encode()) for n in range(number)
    ]
    new = [
        NewOrder(
            order=order,
            status=Status.PLACED,
            calling=CallingState.QUEUED,
            reason=None,
            received_at=house.now,
            demo=house.settings.sandboxed,
        )
        for order in found
    ]
    contacts = {order.shopify_id: contact_id_of(order.customer_phone or "") for order in found}
    with house.db.begin() as tx:
        orders.add_all(tx, new)
        calls.plan(tx, contacts, now=house.now)
        campaigns.wait_for_place(tx, contacts, campaign_id=CAMPAIGN, language=Language.ENGLISH, now=house.now)
    return list(contacts)


def publish(house: House, hours: int, made_from: int | None = None) -> int:
    with house.db.read() as tx:
        known = policies.newest(tx)
    assert known
    changed = replace(known.policy, who=replace(known.policy.who, max_age=timedelta(hours=hours)))
    return policy_service.publish(house.db, changed, by=f"{hours} hours", now=house.now, made_from=made_from)[0]


def test_of_a_thousand_waiting_orders_each_is_decided_by_one_version_and_says_which(house: House) -> None:
    ids = wait_for_place(house, WAITING)
    in_force = [1]
    rung: list[tuple[str, int]] = []

    def listed(listing: Listing) -> None:
        rung.append((listing.phone, in_force[-1]))
        if len(rung) == WAITING // 2:  # while Kalimera answers for the first half
            in_force.append(publish(house, 30))

    house.kalimera.on_listed.append(listed)
    house.while_kalimera_answers(lambda: in_force.append(publish(house, 40)))  # while the campaign is being set

    house.campaigns.flush(CAMPAIGN)

    with house.db.read() as tx:
        rows = tx.execute(select(call_rows.c.phone, call_rows.c.policy_version)).all()
        newest = decisions.newest(tx, ids)
    by_call = {row.phone: row.policy_version for row in rows}
    assert in_force == [1, 2, 3]
    assert len(rows) == len(by_call) == len(rung) == WAITING
    assert Counter(by_call.values()) == {2: WAITING // 2, 3: WAITING // 2}
    assert by_call == dict(rung)
    assert Counter(row.policy for row in newest.values()) == Counter(by_call.values())


def test_of_two_who_publish_at_the_same_moment_the_second_sees_the_first(house: House) -> None:
    ready, told = threading.Barrier(2), list[int | PolicyConflict]()

    def try_to(hours: int) -> None:
        ready.wait()
        try:
            told.append(publish(house, hours, made_from=1))
        except PolicyConflict as conflict:
            told.append(conflict)

    people = [threading.Thread(target=try_to, args=(hours,)) for hours in (30, 40)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    with house.db.read() as tx:
        versions = policies.latest(tx, 5)
    [conflict] = [each for each in told if isinstance(each, PolicyConflict)]
    assert [version.policy.version for version in versions] == [2, 1]
    assert 2 in told
    assert versions[0].by in str(conflict)
