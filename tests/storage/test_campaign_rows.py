"""The campaigns, what each was last told, and the orders that wait for a place on one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from ordercall.domain.calls.calling import INDIA, CallWindow, Language
from ordercall.storage.engine.database import Database
from ordercall.storage.records import campaigns
from ordercall.storage.records.campaigns import BATCH, CampaignSettings, Listing, ListingState
from ordercall.storage.tables import listings, orders

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
WINDOW = CallWindow(NOW.astimezone(INDIA), (NOW + timedelta(hours=2)).astimezone(INDIA))
SETTINGS = CampaignSettings("agent-hindi", WINDOW)
HINDI, ENGLISH = Language.HINDI, Language.ENGLISH
UNFINISHED = [ListingState.WAITING, ListingState.ADDING, ListingState.UNKNOWN, ListingState.UNCLEAR]


@pytest.fixture(scope="module")
def database(module_database: Database) -> Database:
    with module_database.begin() as tx:
        tx.execute(insert(orders), [{"shopify_id": number} for number in range(1, BATCH + 11)])
    return module_database


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone, so that each test finds stored orders and no place taken."""
    with database.engine.connect() as tx:
        yield tx


def wait(
    tx: Connection, *numbers: int, campaign: str = "main", language: Language = ENGLISH, contact: str = ""
) -> None:
    contact_ids = {number: contact or f"c{number}" for number in numbers}
    campaigns.wait_for_place(tx, contact_ids, campaign_id=campaign, language=language, now=NOW)


def move(tx: Connection, state: ListingState, *numbers: int) -> None:
    found = [listing for place in ListingState for listing in campaigns.in_state(tx, "main", place)]
    campaigns.place(tx, [listing for listing in found if listing.shopify_id in numbers], state, now=LATER)


def tell(tx: Connection, told: CampaignSettings, *, now: datetime) -> None:
    campaigns.announce_update(tx, "main", now=now)
    campaigns.confirm_update(tx, "main", told, announced=now, now=now)


def ids(found: list[Listing]) -> list[int]:
    return [listing.shopify_id for listing in found]


# What a campaign was told


def test_nothing_is_known_of_a_campaign_that_was_never_told_anything(tx: Connection) -> None:
    assert campaigns.last_settings(tx, "main") is None


def test_what_a_campaign_was_told_is_remembered_to_the_second(tx: Connection) -> None:
    tell(tx, SETTINGS, now=NOW)

    assert campaigns.last_settings(tx, "main") == SETTINGS


def test_the_latest_word_holds(tx: Connection) -> None:
    later = CampaignSettings("agent-english", CallWindow(LATER, LATER + timedelta(hours=2)))
    tell(tx, SETTINGS, now=NOW)
    tell(tx, later, now=LATER)

    assert campaigns.last_settings(tx, "main") == later


def test_while_an_update_is_under_way_nothing_is_certain(tx: Connection) -> None:
    tell(tx, SETTINGS, now=NOW)

    campaigns.announce_update(tx, "main", now=LATER)

    assert campaigns.last_settings(tx, "main") is None


def test_an_update_that_was_announced_earlier_than_another_says_nothing_when_it_is_answered(tx: Connection) -> None:
    campaigns.announce_update(tx, "main", now=NOW)
    tell(tx, SETTINGS, now=LATER)

    campaigns.confirm_update(tx, "main", CampaignSettings("agent-english", WINDOW), announced=NOW, now=LATER)

    assert campaigns.last_settings(tx, "main") == SETTINGS


def test_nothing_is_certain_while_a_later_update_is_under_way(tx: Connection) -> None:
    campaigns.announce_update(tx, "main", now=NOW)
    campaigns.announce_update(tx, "main", now=LATER)

    campaigns.confirm_update(tx, "main", SETTINGS, announced=NOW, now=LATER)

    assert campaigns.last_settings(tx, "main") is None


def test_a_first_update_may_be_under_way(tx: Connection) -> None:
    campaigns.announce_update(tx, "main", now=NOW)

    assert campaigns.last_settings(tx, "main") is None


def test_what_one_campaign_was_told_says_nothing_of_another(tx: Connection) -> None:
    tell(tx, SETTINGS, now=NOW)

    assert campaigns.last_settings(tx, "other") is None


def test_failures_are_counted_for_each_campaign_by_itself(tx: Connection) -> None:
    counts = [campaigns.count_failure(tx, campaign, now=NOW) for campaign in ("main", "main", "other", "main")]

    assert counts == [1, 2, 1, 3]


def test_failures_that_are_cleared_are_counted_from_one_again(tx: Connection) -> None:
    campaigns.count_failure(tx, "main", now=NOW)
    campaigns.clear_failures(tx, "main")

    assert campaigns.count_failure(tx, "main", now=NOW) == 1


def test_a_failure_does_not_change_what_a_campaign_was_told(tx: Connection) -> None:
    tell(tx, SETTINGS, now=NOW)

    campaigns.count_failure(tx, "main", now=LATER)

    assert campaigns.last_settings(tx, "main") == SETTINGS


def test_what_a_campaign_is_told_does_not_clear_its_failures(tx: Connection) -> None:
    campaigns.count_failure(tx, "main", now=NOW)
    tell(tx, SETTINGS, now=LATER)

    assert campaigns.count_failure(tx, "main", now=LATER) == 2


def test_a_campaign_without_failures_can_be_cleared(tx: Connection) -> None:
    campaigns.clear_failures(tx, "main")

    assert campaigns.last_settings(tx, "main") is None


# Waiting for a place


def test_an_order_that_nobody_queued_has_no_place(tx: Connection) -> None:
    assert campaigns.place_of(tx, 1) is None


def test_a_queued_order_waits(tx: Connection) -> None:
    wait(tx, 1)

    assert campaigns.place_of(tx, 1) is ListingState.WAITING
    assert [listing.contact_id for listing in campaigns.in_state(tx, "main", ListingState.WAITING)] == ["c1"]


def test_an_order_that_was_never_stored_cannot_be_queued(tx: Connection) -> None:
    with pytest.raises(IntegrityError):
        wait(tx, 999_999)


def test_an_order_that_is_queued_again_has_one_place(tx: Connection) -> None:
    wait(tx, 1, 2)
    wait(tx, 1, contact="newer")

    waiting = campaigns.in_state(tx, "main", ListingState.WAITING)

    assert [(listing.shopify_id, listing.contact_id) for listing in waiting] == [(1, "newer"), (2, "c2")]


def test_an_order_that_waits_may_change_its_campaign_and_language(tx: Connection) -> None:
    wait(tx, 1)
    wait(tx, 1, campaign="hindi", language=HINDI)

    assert campaigns.in_state(tx, "main", ListingState.WAITING) == []
    assert ids(campaigns.in_state(tx, "hindi", ListingState.WAITING, HINDI)) == [1]


def test_an_order_that_was_set_aside_waits_again(tx: Connection) -> None:
    wait(tx, 1)
    move(tx, ListingState.PARKED, 1)

    wait(tx, 1)

    assert campaigns.place_of(tx, 1) is ListingState.WAITING


@pytest.mark.parametrize("state", [ListingState.LISTED, *campaigns.IN_DOUBT])
def test_an_order_that_is_or_may_be_listed_keeps_its_place(tx: Connection, state: ListingState) -> None:
    wait(tx, 1)
    move(tx, state, 1)

    wait(tx, 1, campaign="other", language=HINDI, contact="another")

    assert campaigns.place_of(tx, 1) is state
    assert campaigns.in_state(tx, "main", state, ENGLISH)[0].contact_id == "c1"


# Who is next


def test_the_first_that_waits_decides_the_language(tx: Connection) -> None:
    wait(tx, 7, language=HINDI)
    wait(tx, 3, 5)

    assert campaigns.first_waiting_language(tx, "main") is HINDI


def test_only_those_who_wait_on_this_campaign_decide_the_language(tx: Connection) -> None:
    wait(tx, 1, language=HINDI)
    wait(tx, 2, campaign="other", language=HINDI)
    wait(tx, 3)
    move(tx, ListingState.LISTED, 1)

    assert campaigns.first_waiting_language(tx, "main") is ENGLISH


def test_where_nobody_waits_there_is_no_language(tx: Connection) -> None:
    assert campaigns.first_waiting_language(tx, "main") is None


def test_orders_come_in_the_order_in_which_they_were_queued(tx: Connection) -> None:
    wait(tx, 5, 1, 9, 3)

    assert ids(campaigns.in_state(tx, "main", ListingState.WAITING)) == [5, 1, 9, 3]


def test_orders_come_by_campaign_state_and_language(tx: Connection) -> None:
    wait(tx, 1, 2, 3)
    wait(tx, 4, language=HINDI)
    wait(tx, 5, campaign="other")
    move(tx, ListingState.LISTED, 2)

    assert ids(campaigns.in_state(tx, "main", ListingState.WAITING)) == [1, 3, 4]
    assert ids(campaigns.in_state(tx, "main", ListingState.WAITING, ENGLISH)) == [1, 3]
    assert ids(campaigns.in_state(tx, "main", ListingState.LISTED)) == [2]


def test_orders_come_a_batch_at_a_time(tx: Connection) -> None:
    wait(tx, *range(1, BATCH + 11))

    assert ids(campaigns.in_state(tx, "main", ListingState.WAITING)) == list(range(1, BATCH + 1))


@pytest.mark.parametrize("state", ListingState)
def test_a_campaign_has_work_until_everybodys_place_is_certain(tx: Connection, state: ListingState) -> None:
    wait(tx, 1)
    move(tx, state, 1)

    assert campaigns.with_work(tx) == (["main"] if state in UNFINISHED else [])


def test_each_campaign_with_work_is_named_once(tx: Connection) -> None:
    wait(tx, 1, 2, 3)
    wait(tx, 4, campaign="other")
    move(tx, ListingState.ADDING, 1)

    assert sorted(campaigns.with_work(tx)) == ["main", "other"]


# Taking a place


def test_those_who_wait_are_claimed_in_their_order(tx: Connection) -> None:
    wait(tx, 5, 1, 9)
    group = campaigns.in_state(tx, "main", ListingState.WAITING)

    assert campaigns.claim(tx, group, now=LATER) == group
    assert ids(campaigns.in_state(tx, "main", ListingState.ADDING)) == [5, 1, 9]


def test_nobody_is_claimed_twice(tx: Connection) -> None:
    wait(tx, 1, 2)
    group = campaigns.in_state(tx, "main", ListingState.WAITING)
    campaigns.claim(tx, group, now=LATER)

    assert campaigns.claim(tx, group, now=LATER) == []


def test_who_left_the_queue_meanwhile_is_not_claimed(tx: Connection) -> None:
    wait(tx, 1, 2, 3, 4)
    group = campaigns.in_state(tx, "main", ListingState.WAITING)
    campaigns.give_up_place(tx, [2])
    move(tx, ListingState.LISTED, 3)

    assert ids(campaigns.claim(tx, group, now=LATER)) == [1, 4]
    assert campaigns.place_of(tx, 3) is ListingState.LISTED


def test_of_nobody_nobody_is_claimed(tx: Connection) -> None:
    wait(tx, 1)

    assert campaigns.claim(tx, [], now=LATER) == []
    assert campaigns.place_of(tx, 1) is ListingState.WAITING


def test_a_move_changes_the_group_and_its_time_only(tx: Connection) -> None:
    wait(tx, 1, 2)

    move(tx, ListingState.LISTED, 1)

    rows = tx.execute(select(listings.c.shopify_id, listings.c.state, listings.c.changed_at).order_by(listings.c.id))
    assert [tuple(row) for row in rows] == [
        (1, "listed", LATER.timestamp()),
        (2, "waiting", NOW.timestamp()),
    ]


def test_a_move_of_nobody_changes_nothing(tx: Connection) -> None:
    wait(tx, 1)

    campaigns.place(tx, [], ListingState.LISTED, now=LATER)

    assert campaigns.place_of(tx, 1) is ListingState.WAITING


@pytest.mark.parametrize("state", ListingState)
def test_only_a_place_that_is_surely_not_on_the_list_can_be_given_up(tx: Connection, state: ListingState) -> None:
    wait(tx, 1)
    move(tx, state, 1)

    campaigns.give_up_place(tx, iter([1]))

    gone = state in (ListingState.WAITING, ListingState.PARKED)
    assert campaigns.place_of(tx, 1) is (None if gone else state)


def test_who_gave_up_a_place_queues_at_the_end(tx: Connection) -> None:
    wait(tx, 1, 2)
    campaigns.give_up_place(tx, [1])

    wait(tx, 1)

    assert ids(campaigns.in_state(tx, "main", ListingState.WAITING)) == [2, 1]
