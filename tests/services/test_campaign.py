"""The campaign's one writer."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from house import House
from ordercall.domain.calls.calling import Language
from ordercall.domain.orders.order import Status
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.services import campaign_list, policy_service
from ordercall.services.policy_service import policy_of
from ordercall.storage.records import calls, campaigns
from ordercall.storage.records.calls import Terms
from ordercall.storage.records.campaigns import CampaignSettings, ListingState

CAMPAIGN = "sandbox-campaign"


def synced(house: House, number: int, state: str = "Kerala") -> int:
    """Return the id of an order that waits for its campaign."""
    order_id = house.receive(make_order(number, state=state))
    house.sync.sync(order_id)
    return order_id


def asked(house: House, method: str, path: str) -> int:
    return len([call for call in house.kalimera.calls if call.method == method and path in call.path])


def test_all_who_wait_for_one_agent_are_added_in_one_request(house: House) -> None:
    for number in range(5):
        synced(house, number + 1)

    house.campaigns.flush(CAMPAIGN)

    assert len(house.kalimera.listings) == 5
    assert asked(house, "PUT", "/campaign/") == 1
    assert asked(house, "POST", "/campaign/contacts") == 1


def test_every_order_is_listed_while_its_own_agent_is_set(house: House) -> None:
    hindi, english = synced(house, 1, "Gujarat"), synced(house, 2, "Kerala")
    later = synced(house, 3, "GJ")

    house.campaigns.flush(CAMPAIGN)

    agents = {entry.phone: entry.agent_id for entry in house.kalimera.listings}
    assert agents[house.order(hindi).customer_phone] == "sandbox-agent-hindi"
    assert agents[house.order(later).customer_phone] == "sandbox-agent-hindi"
    assert agents[house.order(english).customer_phone] == "sandbox-agent-english"


def test_who_comes_last_waits_for_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=pauses.append)
    monkeypatch.setattr("ordercall.services.kalimera_service.time", clock)
    synced(house, 1)

    def one_more(number: int) -> None:
        synced(house, number)
        if number < 6:
            house.while_kalimera_answers(lambda: one_more(number + 1))

    house.while_kalimera_answers(lambda: one_more(2))

    house.campaigns.flush(CAMPAIGN)

    assert len(house.kalimera.listings) == 6
    assert pauses == []


def test_the_update_is_not_repeated_within_a_minute(house: House) -> None:
    synced(house, 1)
    house.campaigns.flush(CAMPAIGN)
    house.pass_time(seconds=59)
    later = synced(house, 2)

    house.campaigns.flush(CAMPAIGN)

    assert asked(house, "PUT", "/campaign/") == 1
    assert "Kalimera_Campaign_Updated" in house.events(later)


def test_the_update_is_repeated_when_the_window_would_end_more_than_a_minute_later(house: House) -> None:
    synced(house, 1)
    house.campaigns.flush(CAMPAIGN)
    house.pass_time(seconds=61)
    synced(house, 2)

    house.campaigns.flush(CAMPAIGN)

    assert asked(house, "PUT", "/campaign/") == 2


def test_the_window_ends_at_closing_time(house: House) -> None:
    house.pass_time(hours=8)
    synced(house, 1)

    house.campaigns.flush(CAMPAIGN)

    [entry] = house.kalimera.listings
    assert (entry.start.isoformat(), entry.end.isoformat()) == (
        "2026-11-24T20:00:00+05:30",
        "2026-11-24T21:00:00+05:30",
    )


def test_who_waits_at_closing_time_is_added_at_the_next_opening(house: House) -> None:
    order_id = synced(house, 1)
    house.pass_time(hours=9)

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("waiting_for_hours", None)
    assert house.kalimera.listings == []
    house.pass_time(hours=12)
    house.campaigns.flush(CAMPAIGN)
    assert house.states()[order_id] == ("on_campaign", None)


def test_a_refused_group_is_halved_until_the_bad_contact_stands_alone(house: House) -> None:
    ids = [synced(house, number + 1) for number in range(12)]
    bad = ids[7]
    house.kalimera.forget_contact(house.order(bad).customer_phone)

    house.campaigns.flush(CAMPAIGN)

    states = house.states()
    assert states.pop(bad) == ("failed", "kalimera_refused")
    assert set(states.values()) == {("on_campaign", None)}
    assert house.kalimera.repeats == []


@pytest.mark.parametrize(
    ("body", "status"),
    [({"message": "Campaign not found"}, 404), ({"success": False, "message": "The campaign is over"}, 200)],
    ids=str,
)
def test_a_refusal_of_the_campaign_is_not_asked_for_each_contact_again(
    house: House, body: dict[str, object], status: int
) -> None:
    ids = [synced(house, number) for number in range(1, 7)]
    house.gate.says_once("POST", "/kalimera/campaign/contacts", body, status)

    house.campaigns.flush(CAMPAIGN)

    assert [house.states()[order_id] for order_id in ids] == [("failed", "kalimera_refused")] * 6
    assert all(house.order(order_id).contact_id for order_id in ids)
    assert asked(house, "POST", "/campaign/contacts") == 1


def test_an_answer_that_says_429_sets_nobody_aside(house: House) -> None:
    ids = [synced(house, number) for number in range(1, 7)]
    house.gate.answers("POST", "/kalimera/campaign/contacts", {"statusCode": 429, "message": "Too many requests"})

    house.campaigns.flush(CAMPAIGN)

    assert [house.states()[order_id] for order_id in ids] == [("queued", None)] * 6


def test_a_contact_that_kalimera_lost_is_made_anew_when_a_person_syncs_again(house: House) -> None:
    order_id = synced(house, 1)
    house.kalimera.forget_contact(house.order(order_id).customer_phone)
    house.campaigns.flush(CAMPAIGN)

    house.orders.request_sync(order_id, by="a person")
    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("on_campaign", None)


def test_an_order_that_is_decided_while_it_waits_loses_its_place(house: House) -> None:
    order_id = synced(house, 1)
    house.orders.change_status(order_id, Status.SUCCESS, by="a test")

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("not_called", "already_decided")
    assert house.kalimera.listings == []


def test_a_busy_kalimera_keeps_everybody_waiting_and_a_later_flush_is_queued(house: House) -> None:
    order_id = synced(house, 1)
    house.kalimera.fail_next(1, Mode.BUSY)

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("queued", None)
    assert len([at for _, at in house.jobs("flush_campaign") if at]) == 1


def test_an_added_contact_whose_answer_was_lost_is_found_on_the_list(house: House) -> None:
    order_id = synced(house, 1)
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.LOST)

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("on_campaign", None)
    assert house.kalimera.repeats == []


def test_a_lost_answer_waits_for_a_person_where_the_list_is_not_shown(house: House) -> None:
    order_id = synced(house, 1)
    house.kalimera.campaign_lookup = False
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.LOST)

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("failed", "outcome_unknown")


@pytest.fixture
def at_most_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign_list, "MOST_UNPROVEN", 2)


def requests_of(house: House, number: int) -> list[int]:
    """Have so many orders added, and return how many of them each request adds."""
    for each in range(number):
        synced(house, each + 1)
    house.campaigns.flush(CAMPAIGN)
    added = (call for call in house.kalimera.calls if call.method == "POST" and "/campaign/contacts" in call.path)
    return [len(call.body["contact_ids"]) for call in added]


@pytest.mark.usefixtures("at_most_two")
def test_where_the_list_is_not_shown_so_few_are_added_at_once_that_a_lost_answer_leaves_few_in_doubt(
    house: House,
) -> None:
    house.kalimera.campaign_lookup = False

    assert requests_of(house, 5) == [2, 2, 1]


@pytest.mark.usefixtures("at_most_two")
def test_a_list_that_is_shown_is_asked_for_once_and_all_are_added_together(house: House) -> None:
    assert requests_of(house, 3) == [3]
    assert requests_of(house, 6) == [3, 3]

    assert asked(house, "GET", "/campaign/contacts") == 1


@pytest.mark.usefixtures("at_most_two")
@pytest.mark.parametrize("mode", [Mode.LOST, Mode.FAILING, Mode.BUSY])
def test_a_list_of_which_nothing_is_heard_counts_as_not_shown(house: House, mode: Mode) -> None:
    for each in range(3):
        synced(house, each + 1)
    for answer in (Mode.NORMAL, mode):  # the campaign's update, and the look at its list
        house.kalimera.fail_next(1, answer)

    assert requests_of(house, 0) == [2, 1]


@pytest.mark.usefixtures("at_most_two")
def test_a_lost_answer_leaves_those_of_one_request_to_a_person_and_no_others(house: House) -> None:
    house.kalimera.campaign_lookup = False
    ids = [synced(house, each + 1) for each in range(5)]
    for answer in (Mode.NORMAL, Mode.NORMAL, Mode.NORMAL, Mode.LOST):  # update, look, two of them, the next two
        house.kalimera.fail_next(1, answer)

    house.campaigns.flush(CAMPAIGN)

    unclear = [order_id for order_id in ids if house.states()[order_id] == ("failed", "outcome_unknown")]
    assert (len(unclear), len(house.kalimera.listings)) == (2, 5)


def left_half_done(house: House) -> int:
    """Return the id of an order that a worker was adding when it died."""
    order_id = synced(house, 1)
    with house.db.begin() as tx:
        campaigns.claim(tx, campaigns.in_state(tx, CAMPAIGN, ListingState.WAITING), now=house.now)
        settings = CampaignSettings("sandbox-agent-english", policy_of(house.settings).when.window_from(house.now))
        calls.begin(tx, [order_id], Terms(CAMPAIGN, Language.ENGLISH, settings), now=house.now)
    house.pass_time(seconds=10)
    return order_id


def test_what_a_dying_worker_left_half_done_is_finished_where_the_list_shows_that_it_never_left(house: House) -> None:
    order_id = left_half_done(house)

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("on_campaign", None)
    assert len(house.kalimera.listings) == 1


@pytest.mark.parametrize(("repeated", "state"), [(False, ("failed", "outcome_unknown")), (True, ("on_campaign", None))])
def test_where_nobody_can_look_what_a_dying_worker_left_is_a_persons_or_repeated_as_the_policy_says(
    house: House, repeated: bool, state: tuple[str, str | None]
) -> None:
    policy_service.begin(house.db, house.settings, house.now)
    house.publish("attempts", repeat_after_crash=repeated)
    order_id = left_half_done(house)
    house.kalimera.campaign_lookup = False

    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == state
    assert len(house.kalimera.listings) == repeated


def test_a_campaign_with_somebody_waiting_is_woken(house: House) -> None:
    synced(house, 1)
    with house.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs")

    house.campaigns.wake()

    assert len(house.jobs("flush_campaign")) == 1


def test_a_parked_order_that_a_person_syncs_again_is_added(house: House) -> None:
    order_id = synced(house, 1)
    house.kalimera.campaign_lookup = False
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.LOST)
    house.campaigns.flush(CAMPAIGN)

    house.orders.request_sync(order_id, by="a person")
    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)

    assert house.states()[order_id] == ("on_campaign", None)
