"""A draft on the past: made from its page or by the API, played by a worker step by step, looked at while it runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from forms_of_rules import CALLING, draft, form_of, in_force, publish, sent_by
from sqlalchemy import update
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from ordercall.domain.policy.rules import Belt
from ordercall.services import policy_trial
from ordercall.services.policy_trial import TrialService
from ordercall.storage.reads import past_orders
from ordercall.storage.records import trials
from ordercall.storage.records.trials import SHOWN
from ordercall.storage.tables import calls, program_cancels
from reading import look
from web_app import Page, Shop, send_form

PREPAID = {"financial_status": "paid", "payment_gateway_names": ["razorpay"], "total_outstanding": "0.00"}
TOKEN = {"X-App-Token": "a-sync-token-of-programs"}


@pytest.fixture
def shop(new_shop: Callable[..., Shop]) -> Shop:
    """A shop whose environment holds neither hours nor age."""
    return new_shop(CALLING_HOURS="")


def begin_trial(person: FlaskClient, page: Page, days: str = "14") -> TestResponse:
    """Press the button that tries a draft on the past."""
    form = form_of(page, "post")
    values = MultiDict([*sent_by(form).items(multi=True), ("days", days)])
    return person.post(form.one("button", text="Try on the past").attrs["formaction"], data=values)


def work(shop: Shop) -> TrialService:
    return shop.app.extensions["ordercall"].trials  # type: ignore[no-any-return]


def play(shop: Shop, address: str) -> None:
    """Play a trial to its end, as a worker would."""
    while work(shop).play(number_in(address)):
        pass


def number_in(address: str) -> int:
    return int(address.rsplit("/", 1)[1])


def told(page: Page) -> dict[str, str]:
    return {each.one("dt").text: each.one("dd").text for each in page.one("dl").all("div")}


def test_a_draft_is_tried_on_the_orders_that_came(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    paid = shop.receive(1002, **PREPAID)
    shop.pass_time(minutes=1)

    answer = begin_trial(person, draft(person, payment="to_collect"))
    play(shop, answer.location)
    page = look(person, answer.location)

    assert answer.status_code == 303
    assert page.has("p", text="It would have called 1 of 2 orders.")
    assert told(page) == {
        "Languages:": "Hindi 1",
        "Not called:": "Paid 1",
        "Otherwise than it was done:": "Called → Paid 1",
    }
    assert [line.text for line in page.one("ul", css="needs").all("li")] == ["#1002 Called → Paid"]
    assert page.one("li", id=f"order-{paid}").one("a").attrs["href"] == f"/orders/{paid}"


def test_a_trial_that_runs_tells_how_far_it_is_and_the_page_reloads_without_a_script(
    shop: Shop, person: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_trial, "STEP", 2)
    for number in range(1001, 1004):
        shop.receive(number)
    shop.pass_time(minutes=1)
    address = begin_trial(person, draft(person, delay_minutes="5")).location

    work(shop).play(number_in(address))
    half = look(person, address)
    part = look(person, f"{address}/live")
    play(shop, address)
    over = look(person, address)

    assert half.one("svg", role="img").attrs["aria-label"] == "2 of 3 orders played"
    assert half.has("p", text="No worker is running. Start “ordercall worker”: it goes on where it ended.")
    assert half.one(id="fresh").attrs["hx-get"] == f"{address}/live"
    assert half.one("meta", http_equiv="refresh").attrs["content"] == "2"
    assert part.has("span", text="2 of 3 orders")
    assert not part.has("html")
    assert over.one("svg", role="img").attrs["aria-label"] == "3 of 3 orders played"
    assert not over.has("meta", http_equiv="refresh")
    assert not over.has("p", text="No worker is running")


def test_one_leads_back_from_a_trial_to_its_draft_and_publishes_it(shop: Shop, person: FlaskClient) -> None:
    address = begin_trial(person, draft(person, delay_minutes="5")).location

    back = look(person, address).one("a", text="Back to the draft").attrs["href"]
    answer = publish(person, look(person, back.split("#")[0]))

    assert answer.status_code == 303
    assert in_force(shop).policy.when.delay == timedelta(minutes=5)


def test_what_is_not_meant_yet_may_be_tried_and_what_cannot_be_used_may_not(shop: Shop, person: FlaskClient) -> None:
    late = begin_trial(person, draft(person, monday_to="22:00"))
    values = sent_by(form_of(draft(person, delay_minutes="5"), "post"))
    values["delay_minutes"] = "soon"

    refused = person.post(f"{CALLING}/trials", data=values)

    assert late.status_code == 303
    assert refused.status_code == 400
    assert Page(refused).has("h2", text="This draft cannot be used")
    assert person.post("/settings/weather/trials", data=values).status_code == 404


def test_only_a_session_tries_a_draft_and_looks_at_it(shop: Shop, person: FlaskClient) -> None:
    address = begin_trial(person, draft(person, delay_minutes="5")).location
    values = sent_by(form_of(draft(person, delay_minutes="5"), "post"))
    del values["csrf_token"]

    assert person.post(f"{CALLING}/trials", data=values).status_code == 400
    assert shop.client().get(address).location.startswith("/login")
    assert person.get("/settings/trials/99").status_code == 404


def test_the_orders_that_differ_come_page_by_page_the_latest_first(
    shop: Shop, person: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_trial, "STEP", 7)
    ids = sorted(shop.receive(number, **PREPAID) for number in range(1001, 1001 + SHOWN + 5))
    shop.pass_time(minutes=1)
    address = begin_trial(person, draft(person, payment="to_collect")).location
    play(shop, address)

    first = look(person, address)
    older = first.one("a", rel="next").attrs["href"]
    second = look(person, older)

    assert listed(first) + listed(second) == [f"order-{one}" for one in reversed(ids)]
    assert len(listed(first)) == SHOWN
    assert not second.has("a", rel="next")


def listed(page: Page) -> list[str]:
    return [line.attrs["id"] for line in page.one("ul", css="needs").all("li")]


def test_two_workers_at_one_trial_count_no_order_twice(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    shop.pass_time(minutes=1)
    trial_id = number_in(begin_trial(person, draft(person, payment="to_collect")).location)
    with shop.db.read() as tx:
        seen = trials.find(tx, trial_id)
        assert seen
        [order] = past_orders.next_of(tx, seen, 10)

    with shop.db.begin() as tx:
        stored = [trials.go_on(tx, seen, order.then, 1, {}) for _ in range(2)]

    assert stored == [True, False]
    assert work(shop).find(trial_id).done == 1


def test_a_trial_that_is_given_up_says_so(shop: Shop, person: FlaskClient) -> None:
    address = begin_trial(person, draft(person, delay_minutes="5")).location

    work(shop).give_up(number_in(address))

    assert look(person, address).has("p", text="The worker stopped again and again")
    assert not work(shop).play(number_in(address))


@pytest.mark.parametrize("door", ["page", "api"])
def test_a_trial_that_runs_is_stopped_before_its_next_step(
    shop: Shop, person: FlaskClient, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    monkeypatch.setattr(policy_trial, "STEP", 2)
    for number in range(1001, 1006):
        shop.receive(number)
    shop.pass_time(minutes=1)
    address = begin_trial(person, draft(person, delay_minutes="5")).location
    work(shop).play(number_in(address))

    def stop() -> TestResponse:
        if door == "api":
            return shop.client().post(f"/api/policy/trials/{number_in(address)}/stop", headers=TOKEN)
        return send_form(person, f"{address}/stop")

    assert look(person, address).has("form", action=f"{address}/stop")
    answers = [stop().status_code for _ in range(2)]
    work(shop).work(number_in(address))
    page = look(person, address)

    assert answers == ([200, 200] if door == "api" else [303, 303])
    assert page.has("p", text="Stopped by ")
    assert not page.has("form", action=f"{address}/stop")
    assert not page.has("meta", http_equiv="refresh")
    assert (work(shop).find(number_in(address)).done, shop.rows("SELECT done FROM trials")) == (2, [(2,)])


def test_a_step_that_is_under_way_when_it_is_stopped_counts_for_nothing(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    shop.pass_time(minutes=1)
    trial_id = number_in(begin_trial(person, draft(person, delay_minutes="5")).location)
    with shop.db.read() as tx:
        seen = trials.find(tx, trial_id)
        assert seen
        [order] = past_orders.next_of(tx, seen, 10)

    assert work(shop).stop(trial_id, by="Asha")
    with shop.db.begin() as tx:
        assert not trials.go_on(tx, seen, order.then, 1, {})

    assert not work(shop).stop(trial_id, by="Ravi")
    assert work(shop).find(trial_id).fault == "Stopped by Asha."


# -- what differs


def rung(shop: Shop, shopify_id: int, start: datetime, language: str = "hi") -> None:
    """Let an order's call have begun."""
    [[call_id]] = shop.rows("SELECT call_id FROM call_orders WHERE shopify_id = ?", shopify_id)
    shop.change(shopify_id, calling_state="on_campaign", language=language)
    with shop.db.begin() as tx:
        begun = update(calls).where(calls.c.call_id == call_id)
        tx.execute(begun.values(state="placed", language=language, window_start=start.timestamp()))


def differences_by(shop: Shop, person: FlaskClient, **changes: Any) -> list[str]:
    shop.pass_time(minutes=1)
    address = begin_trial(person, draft(person, **changes)).location
    play(shop, address)
    return [line.one("div").text for line in look(person, address).all("li") if line.attrs.get("id", "")[:5] == "order"]


def test_a_call_at_another_time_differs_and_one_that_the_worker_took_minutes_for_does_not(
    shop: Shop, person: FlaskClient
) -> None:
    rung(shop, shop.receive(1001), shop.now + timedelta(minutes=3))

    assert differences_by(shop, person, delay_minutes="5") == []
    assert differences_by(shop, person, delay_minutes="60") == [
        "Rung from 24 Nov 2026, 12:03:00 pm IST → 24 Nov 2026, 1:00:00 pm IST"
    ]


def test_another_language_differs(shop: Shop, person: FlaskClient) -> None:
    rung(shop, shop.receive(1001), shop.now, language="en")

    assert differences_by(shop, person, delay_minutes="5") == ["English → Hindi"]


def test_what_no_policy_decided_is_no_difference(shop: Shop, person: FlaskClient) -> None:
    order = shop.receive(1001)
    shop.change(order, calling_state="not_called", calling_reason="cancelled")

    assert differences_by(shop, person, delay_minutes="5") == []


def test_a_cancel_that_the_belt_would_have_held_differs(shop: Shop, person: FlaskClient) -> None:
    for number, quoted in ((1001, 1), (1002, 0)):
        order = shop.receive(number)
        with shop.db.begin() as tx:
            row = {"asked_at": shop.now.timestamp(), "before": "Placed", "forced": 0, "undone": 0, "quoted": quoted}
            tx.execute(program_cancels.insert().values(row | {"shopify_id": order, "sent_at": shop.now.timestamp()}))

    assert differences_by(shop, person, evidence="on") == ["Cancelled in Shopify → Left to a person"]
    assert in_force(shop).policy.belt == Belt()


# -- the API


def test_a_program_has_a_draft_tried_and_reads_what_came_of_it(shop: Shop) -> None:
    program = shop.client()
    paid = shop.receive(1001, **PREPAID)
    shop.pass_time(minutes=1)

    made = program.post(
        "/api/policy/trials", json={"policy": {"who": {"payment": "to_collect"}}, "days": 7}, headers=TOKEN
    )
    address = made.headers["Location"]
    before = program.get(address, headers=TOKEN).get_json()["trial"]
    play(shop, address)
    after = program.get(address, headers=TOKEN).get_json()["trial"]
    listed_ones = program.get(f"{address}/differences", headers=TOKEN).get_json()

    assert (made.status_code, before["finished"], before["done"], before["orders"]) == (202, False, 0, 1)
    assert (after["finished"], after["done"], after["answers"]) == (True, 1, {"paid": 1})
    assert after["differences"] == [{"kind": "call", "was": "called", "would": "paid", "orders": 1}]
    assert listed_ones["orders"] == [
        {
            "shopify_id": paid,
            "order_name": "#1001",
            "differences": [{"kind": "call", "was": "called", "would": "paid"}],
        }
    ]
    assert listed_ones["before"] is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"policy": {"who": {"payment": "cod"}}}, "InvalidPolicy"),
        ({"policy": {"weather": {"rain": True}}}, "InvalidPolicy"),
        ({"policy": {"who": "all"}}, "InvalidPolicy"),
        ({"policy": []}, "InvalidJson"),
        ([], "InvalidJson"),
        ({"days": 0}, "InvalidDays"),
        ({"days": True}, "InvalidDays"),
    ],
)
def test_a_draft_that_cannot_be_used_is_refused_by_name(shop: Shop, body: Any, code: str) -> None:
    answer = shop.client().post("/api/policy/trials", json=body, headers=TOKEN)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, code)


def test_no_program_tries_anything_without_the_token(shop: Shop) -> None:
    assert shop.client().post("/api/policy/trials", json={}).status_code == 401
    assert shop.client().get("/api/policy/trials/1").status_code == 401
