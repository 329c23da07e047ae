"""The first real call as its page asks for it: steps that are stored, a person's yes, a report, a stop, a restart."""

from __future__ import annotations

import pytest

from databases import ask
from house import House
from ordercall.domain.calls.calling import Language
from ordercall.domain.calls.first_call import LOOKS, CallStage, Rang
from ordercall.domain.do_not_call import Source
from ordercall.domain.policy.rules import Agent
from ordercall.sandbox.orders import fictional_phone, make_order
from ordercall.services.first_call_service import ASKED_FOR, CRASHED, MOST_AN_HOUR, TOO_MANY
from ordercall.storage.records import first_calls
from ordercall.storage.records.first_calls import StoredFirstCall
from ordercall.storage.records.reports import Door, Incoming

PHONE = fictional_phone(7)
STEPS = ["Token", "Campaign sandbox-campaign", "Agent sandbox-agent-hindi, Hindi", "Contact"]


def agent(house: House) -> Agent:
    with house.db.read() as tx:
        found = house.decisions.policy(tx).agent_for(Language.HINDI)
    assert found
    return found


def begin(house: House, phone: str = PHONE, **choices: object) -> int:
    number = house.first_calls.begin(agent(house), phone, by="Meera", **choices)  # type: ignore[arg-type]
    assert number
    return number


def work(house: House) -> None:
    """Do the jobs that wait for a worker, once each."""
    with house.db.begin() as tx:
        waiting = [arguments["call_id"] for arguments, _ in house.jobs("first_call")]
        ask(tx, "DELETE FROM procrastinate_jobs WHERE task_name = 'first_call'")
    for call_id in waiting:
        house.first_calls.work(call_id)


def place(house: House, phone: str = PHONE) -> int:
    number = begin(house, phone)
    work(house)
    assert house.first_calls.agree(number)
    work(house)
    return number


def report(house: House, body: str) -> None:
    house.reports.receive(Incoming(door=Door.API, sender="an agent", body=body.encode(), received_at=house.clock()))


def shown(house: House, number: int) -> StoredFirstCall:
    return house.first_calls.find(number)


def everything_stored(house: House) -> str:
    with house.db.read() as tx:
        return str(ask(tx, "SELECT * FROM first_calls").all())


def test_before_a_person_agrees_kalimera_is_only_looked_at(house: House) -> None:
    number = begin(house)
    work(house)

    call = shown(house, number)
    assert (call.stage, [step.name for step in call.steps]) == (CallStage.ASKING, STEPS[:2])
    assert {call.method for call in house.kalimera.calls} == {"GET"}


def test_with_a_persons_yes_the_number_is_rung_by_the_agent_that_was_chosen(house: House) -> None:
    call = shown(house, place(house))

    assert call.stage is CallStage.WAITING
    assert [step.name for step in call.steps][:4] == STEPS
    assert [step.failed for step in call.steps] == [""] * 5
    assert [(entry.phone, entry.agent_id) for entry in house.kalimera.listings] == [(PHONE, "sandbox-agent-hindi")]


def test_what_was_asked_and_answered_is_kept_without_the_number(house: House) -> None:
    number = place(house)

    assert [call.method for step in shown(house, number).steps for call in step.calls] == [
        call.method for call in house.kalimera.calls
    ]
    house.first_calls.stop(number, by="Meera")
    work(house)
    assert PHONE[1:] not in everything_stored(house)


def test_two_people_have_one_call_between_them(house: House) -> None:
    begin(house)

    assert house.first_calls.begin(agent(house), fictional_phone(8), by="Hetal") is None
    assert house.first_calls.refusals(agent(house), fictional_phone(8)) == [
        "Meera tries a number just now. Wait until that is over, or stop it on its page."
    ]


def test_a_yes_that_is_given_twice_rings_once(house: House) -> None:
    number = begin(house)
    work(house)

    assert [house.first_calls.agree(number) for _ in range(2)] == [True, False]
    work(house)
    work(house)
    assert len(house.kalimera.listings) == 1


def test_no_more_than_ten_numbers_are_tried_in_an_hour(house: House) -> None:
    for _ in range(MOST_AN_HOUR):
        house.first_calls.stop(begin(house), by="Meera")

    assert house.first_calls.refusals(agent(house), PHONE) == [TOO_MANY]
    house.pass_time(minutes=61)
    assert house.first_calls.refusals(agent(house), PHONE) == []


def test_a_number_that_is_listed_after_the_yes_is_not_rung(house: House) -> None:
    number = begin(house)
    work(house)
    house.first_calls.agree(number)
    house.numbers.add([PHONE], Source.PERSON, by="a person")
    work(house)

    call = shown(house, number)
    assert (call.stage, call.steps[-1].failed) == (CallStage.FAILED, "This number is on the do-not-call list.")
    assert house.kalimera.listings == []


def test_a_doubt_that_a_person_has_confirmed_is_none_for_the_worker(house: House) -> None:
    house.numbers.add([PHONE], Source.PERSON, by="a person")
    number = begin(house, confirmed=house.first_calls.doubts(PHONE))
    work(house)
    house.first_calls.agree(number)
    work(house)

    assert shown(house, number).stage is CallStage.WAITING


def test_it_touches_no_order(house: House) -> None:
    place(house)

    with house.db.read() as tx:
        query = "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM calls), (SELECT count(*) FROM listings)"
        assert tuple(ask(tx, query).one()) == (0, 0, 0)


# -- the report


def test_a_report_ends_it_and_is_no_open_matter(house: House) -> None:
    number = place(house)
    report(house, f'{{"phone": "{PHONE}", "answer": "confirmed"}}')
    house.first_calls.look()

    call = shown(house, number)
    found = house.first_calls.report(call)
    assert call.stage is CallStage.REPORTED
    assert found
    assert (found.said["answer"], found.handled_by) == ("confirmed", "the first real call")
    assert call.trace is None


def test_another_report_does_not_end_it(house: House) -> None:
    number = place(house)
    report(house, f'{{"phone": "{fictional_phone(9)}", "answer": "confirmed"}}')
    house.first_calls.look()

    assert shown(house, number).stage is CallStage.WAITING


def test_without_a_report_it_ends_by_itself_and_the_number_is_kept_no_longer(house: House) -> None:
    number = place(house)
    house.pass_time(minutes=44)
    house.first_calls.look()
    before = shown(house, number).stage
    house.pass_time(minutes=2)
    house.first_calls.look()

    assert (before, shown(house, number).stage) == (CallStage.WAITING, CallStage.SILENT)
    assert PHONE not in everything_stored(house)


def test_what_a_person_says_of_their_phone_is_kept(house: House) -> None:
    number = place(house)
    house.first_calls.note_rang(number, Rang.AGAIN)

    assert shown(house, number).rang is Rang.AGAIN


# -- stopped, forgotten, and a worker that stops


def test_a_stop_ends_the_window_at_kalimera(house: House) -> None:
    number = place(house)
    house.pass_time(minutes=3)

    assert house.first_calls.stop(number, by="Hetal")
    work(house)

    call = shown(house, number)
    assert (call.stage, call.ended_by, call.trace) == (CallStage.STOPPED, "Hetal", None)
    assert house.kalimera.campaign.end == house.now
    assert call.steps[-1].understood == ["The campaign took the end of its window: 12:03."]


def test_a_stop_leaves_the_window_of_customers_who_are_rung_by_now(house: House) -> None:
    number = place(house)
    order_id = house.receive(make_order(1001, state="Gujarat"))
    house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")
    ends = house.kalimera.campaign.end
    house.first_calls.stop(number, by="Hetal")
    work(house)

    assert house.kalimera.campaign.end == ends
    assert shown(house, number).steps[-1].failed.startswith("The window is left as it is. Customers may be rung")


def test_a_stop_before_the_yes_asks_kalimera_for_nothing(house: House) -> None:
    number = begin(house)
    work(house)
    asked = len(house.kalimera.calls)
    house.first_calls.stop(number, by="Hetal")
    work(house)

    assert shown(house, number).stage is CallStage.STOPPED
    assert len(house.kalimera.calls) == asked
    assert house.first_calls.agree(number) is False


def test_a_stop_between_two_steps_lets_no_other_follow(house: House) -> None:
    number = begin(house)
    work(house)
    house.first_calls.agree(number)
    house.while_kalimera_answers(lambda: house.first_calls.stop(number, by="Hetal"))
    work(house)
    work(house)

    call = shown(house, number)
    assert call.stage is CallStage.STOPPED
    assert [step.name for step in call.steps] == [*STEPS[:3], "End of the window"]
    assert house.kalimera.listings == []


def test_a_worker_that_died_in_a_look_looks_again(house: House) -> None:
    number = begin(house)
    with house.db.begin() as tx:
        first_calls.begin_step(tx, number, CallStage.LOOKING, LOOKS[0], rings_until=None)
    work(house)

    assert shown(house, number).stage is CallStage.ASKING


@pytest.mark.parametrize("step", ["set_agent", "contact", "listing"])
def test_a_step_that_may_have_rung_a_phone_is_not_taken_twice(house: House, step: str) -> None:
    number = begin(house)
    work(house)
    house.first_calls.agree(number)
    with house.db.begin() as tx:
        first_calls.begin_step(tx, number, CallStage.PLACING, step, rings_until=house.now)
    asked = len(house.kalimera.calls)
    work(house)

    call = shown(house, number)
    assert (call.stage, call.steps[-1].failed) == (CallStage.FAILED, CRASHED)
    assert len(house.kalimera.calls) == asked


def test_a_worker_that_comes_late_rings_nobody(house: House) -> None:
    number = begin(house)
    work(house)
    house.first_calls.agree(number)
    house.pass_time(minutes=11)
    work(house)

    assert shown(house, number).stage is CallStage.LAPSED
    assert house.kalimera.listings == []


def test_a_question_that_nobody_answers_lapses(house: House) -> None:
    number = begin(house)
    work(house)
    house.now += ASKED_FOR
    house.first_calls.look()
    before = shown(house, number).stage
    house.pass_time(seconds=1)
    house.first_calls.look()

    assert (before, shown(house, number).stage) == (CallStage.ASKING, CallStage.LAPSED)


def test_an_erasure_of_the_number_drops_the_call_that_is_under_way(house: House) -> None:
    order_id = house.receive(make_order(1007))
    phone = house.order(order_id).customer_phone
    begin(house, phone)
    house.request_erasure(order_id)
    house.do_erasures()

    assert house.first_calls.newest() == []
    work(house)
    assert house.kalimera.listings == []


def test_calls_that_are_over_are_forgotten_after_their_time(house: House) -> None:
    old = place(house)
    house.first_calls.stop(old, by="Meera")
    work(house)
    house.pass_time(days=31)
    still_open = begin(house)
    house.pass_time(days=31)
    with house.db.begin() as tx:
        gone = first_calls.forget(tx, before=house.now)

    assert gone == 1
    assert [call.id for call in house.first_calls.newest()] == [still_open]
