"""The address of a call on its way to Shopify: approved by a person, written by a job, seen when Shopify shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from readdressing import (
    SAID,
    approve,
    approved,
    confirmed,
    correct,
    hear_from_shopify,
    in_shopify,
    known,
    mutations,
    proposal,
    state,
)

from belting import rung_order, say
from house import House
from ordercall.domain.orders.order import Status
from ordercall.domain.places.addresses import State, fingerprint, of_order, proposed
from ordercall.errors import AddressConflict, CredentialsRefused, InvalidRequest, OutcomeUnknown, ProviderBusy
from ordercall.sandbox.provider import Mode
from ordercall.storage.reads import needs_you
from ordercall.storage.records import addresses

# -- what is proposed


def test_an_order_that_was_confirmed_with_another_address_is_not_ready_to_ship(house: House) -> None:
    order_id = confirmed(house)

    order = known(house, order_id)

    assert (order.confirmation_status, order.is_to_ship) == (Status.SUCCESS, False)
    assert proposal(house, order_id).said == {
        "address1": "7 Corrected Street",
        "city": "Kochi",
        "province": "Kerala",
        "zip": "682 031",
    }


def test_the_address_that_is_known_is_no_proposal_and_leaves_nothing_to_do(house: House) -> None:
    order_id = rung_order(house)
    order = known(house, order_id)
    say(house, order_id, status="Success", address={"address1": f" {order.address.upper()} ", "pincode": order.zip})

    assert known(house, order_id).is_to_ship
    assert house.reports.count_by_fate() == {}


def test_a_later_call_takes_the_place_of_what_an_earlier_one_said(house: House) -> None:
    order_id = confirmed(house)
    first = proposal(house, order_id)
    say(house, order_id, status="Success", address=SAID | {"pincode": "682032"})

    with house.db.read() as tx:
        assert [one.said["zip"] for one in addresses.open_ones(tx, order_id)] == ["682032"]
    with pytest.raises(AddressConflict, match="decided meanwhile"):
        house.addresses.reject(order_id, seen=first.version, note="", by="Asha")


def test_nothing_of_the_address_is_in_the_timeline(house: House) -> None:
    order_id = approved(house)
    correct(house, order_id)

    assert not any(word in str(house.messages(order_id)) for word in ("Corrected Street", "682", "Kochi"))


# -- what a person decides


def test_an_approved_address_reaches_shopify_and_is_done_once_shopify_shows_it(house: House) -> None:
    order_id = approved(house)

    correct(house, order_id)
    sent = state(house, order_id)
    hear_from_shopify(house, order_id)

    found = in_shopify(house, order_id)
    assert [found[name] for name in ("address1", "city", "province_code", "zip")] == [
        *("7 Corrected Street", "Kochi", "KL", "682031")
    ]
    assert (sent, state(house, order_id)) == ((State.SENT, True), (State.SEEN, False))
    assert known(house, order_id).is_to_ship
    assert [arguments["shopify_id"] for arguments, _ in house.jobs("read_order_again")] == [order_id]


def test_what_nobody_corrected_stays_in_the_address(house: House) -> None:
    order_id = confirmed(house)
    before = house.shopify.book.order(order_id)
    assert before
    house.shopify.book.readdress(order_id, before["shipping_address"] | {"company": "Nair & Sons"})
    before = in_shopify(house, order_id)

    approve(house, order_id)
    correct(house, order_id)

    kept = ("first_name", "last_name", "company", "phone", "country_code")
    assert {name: in_shopify(house, order_id)[name] for name in kept} == {name: before[name] for name in kept}


def test_a_name_of_one_word_is_sent_as_the_last_name(house: House) -> None:
    order_id = approved(house, name="Lakshmi")
    correct(house, order_id)

    assert (in_shopify(house, order_id)["first_name"], in_shopify(house, order_id)["last_name"]) == (None, "Lakshmi")


def test_the_name_of_a_corrected_address_is_the_one_that_a_courier_is_told(house: House) -> None:
    order_id = approved(house, name="Lakshmi Nair")
    ordered = known(house, order_id)
    correct(house, order_id)
    hear_from_shopify(house, order_id)

    after = known(house, order_id)
    assert (after.first_name, after.last_name) == (ordered.first_name, ordered.last_name)
    assert (ordered.recipient != after.recipient, after.recipient) == (True, ("Lakshmi", "Nair"))


def test_a_rejected_address_lets_the_order_leave_and_asks_shopify_nothing(house: House) -> None:
    order_id = confirmed(house)
    house.addresses.reject(order_id, seen=proposal(house, order_id).version, note="A prank", by="Asha")
    correct(house, order_id)

    assert (state(house, order_id), mutations(house)) == ((State.REJECTED, False), 0)
    assert known(house, order_id).is_to_ship
    assert house.reports.count_by_fate() == {}
    assert "Asha rejected the address of the call. A prank" in house.messages(order_id)


def test_an_address_that_is_given_in_two_halves_is_whole(house: House) -> None:
    order_id = confirmed(house, pincode="682031", address2="Flat 3")

    say(house, order_id, status="Success", address={"line1": "7 Corrected Street", "city": "Kochi", "state": "Kerala"})
    say(house, order_id, status="Success", address={"city": "Kochi"})

    told = {"zip": "682031", "address1": "7 Corrected Street", "city": "Kochi", "province": "Kerala"}
    assert proposal(house, order_id).said == told


def test_who_goes_back_to_the_orders_own_address_leaves_nothing_to_decide(house: House) -> None:
    order_id = rung_order(house)
    order = known(house, order_id)
    say(house, order_id, status="Success", address=SAID)
    own = {"line1": order.address, "city": order.city, "state": order.state, "pincode": order.zip}
    say(house, order_id, status="Success", address=own)

    assert (state(house, order_id), known(house, order_id).is_to_ship) == ((State.REPLACED, False), True)
    assert house.reports.count_by_fate() == {}


def test_who_takes_back_an_address_that_is_on_its_way_is_heard_by_a_person(house: House) -> None:
    order_id = confirmed(house)
    order = known(house, order_id)
    approve(house, order_id)
    say(house, order_id, status="Success", address={"line1": order.address, "city": "Kochi"})
    house.receive(house.shopify.book.order(order_id) or {}, "orders/updated")
    waits = state(house, order_id)
    correct(house, order_id)
    hear_from_shopify(house, order_id)

    assert (waits, state(house, order_id)) == ((State.PROPOSED, True), (State.PROPOSED, True))


def test_what_is_said_once_more_of_an_address_that_is_on_its_way_is_no_news(house: House) -> None:
    order_id = approved(house)
    say(house, order_id, status="Success", address={"line1": "7 Corrected Street", "city": "Kochi"})

    assert state(house, order_id) == (State.APPROVED, True)


def test_of_two_people_the_second_is_told_what_the_first_decided(house: House) -> None:
    order_id = confirmed(house)
    seen = proposal(house, order_id).version
    approve(house, order_id)

    with pytest.raises(AddressConflict, match="it is approved by Asha now"):
        house.addresses.reject(order_id, seen=seen, note="", by="Ravi")


def test_an_address_that_changed_in_shopify_before_the_approval_is_not_overwritten(house: House) -> None:
    order_id = confirmed(house)
    found, place = proposal(house, order_id), of_order(known(house, order_id))
    house.shopify.book.correct(order_id, phone="+915550000001", address="9 Other Street")
    hear_from_shopify(house, order_id)

    with pytest.raises(AddressConflict, match="changed in Shopify meanwhile"):
        house.addresses.approve(
            order_id, proposed(found.said, place), seen=found.version, shown=fingerprint(place), note="", by="Asha"
        )


@pytest.mark.parametrize(("name", "lacks"), [("city", "the city"), ("zip", "the PIN code"), ("address1", "first line")])
def test_an_address_that_no_parcel_finds_is_not_approved(house: House, name: str, lacks: str) -> None:
    order_id = confirmed(house)

    with pytest.raises(InvalidRequest, match=lacks):
        approve(house, order_id, **{name: ""})


@pytest.mark.parametrize(("shipped", "said"), [("fulfilled", "All of it has shipped"), ("partial", "A part of it")])
def test_what_has_shipped_is_not_approved(house: House, shipped: str, said: str) -> None:
    order_id = confirmed(house)
    house.shopify.book.change(order_id, lambda _: {"fulfillment_status": shipped})
    hear_from_shopify(house, order_id)

    with pytest.raises(InvalidRequest, match=said):
        approve(house, order_id)


# -- what may happen on the way


@pytest.mark.parametrize(("shipped", "said"), [("fulfilled", "All of it has shipped"), ("partial", "A part of it")])
def test_what_has_shipped_before_the_job_comes_is_refused_without_a_request(
    house: House, shipped: str, said: str
) -> None:
    order_id = approved(house)
    house.shopify.book.change(order_id, lambda _: {"fulfillment_status": shipped})

    correct(house, order_id)

    found = proposal(house, order_id)
    assert (found.state, said in (found.refused or ""), mutations(house)) == (State.REFUSED, True, 0)
    assert not known(house, order_id).is_to_ship


def test_what_has_shipped_in_part_is_refused_also_where_shopify_shows_only_that_the_rest_is_held(house: House) -> None:
    order_id = approved(house)
    house.shopify.book.change(order_id, lambda _: {"fulfillment_status": "partial"})
    hear_from_shopify(house, order_id)
    house.shopify.book.change(order_id, lambda _: {"fulfillment_status": None})

    correct(house, order_id)

    assert (proposal(house, order_id).state, mutations(house)) == (State.REFUSED, 0)


def test_an_address_that_changed_in_shopify_before_the_job_comes_is_a_persons_again(house: House) -> None:
    order_id = approved(house)
    house.shopify.book.correct(order_id, phone="+915550000001", address="9 Other Street")

    correct(house, order_id)
    asked = state(house, order_id)
    hear_from_shopify(house, order_id)
    approve(house, order_id)
    correct(house, order_id)

    assert asked == (State.CHANGED, True)
    assert (in_shopify(house, order_id)["address1"], mutations(house)) == ("7 Corrected Street", 1)


def test_shopifys_refusal_is_shown_in_its_words(house: House) -> None:
    order_id = approved(house, province="XX")

    correct(house, order_id)

    found = proposal(house, order_id)
    assert (found.state, "State is not a valid state in India" in (found.refused or "")) == (State.REFUSED, True)
    assert "Shopify_Address_Error" in house.events(order_id)


def test_without_the_scope_it_is_told_why_and_goes_on_once_that_is_mended(house: House) -> None:
    order_id = approved(house)
    scopes = house.shopify.tokens.scopes
    house.shopify.tokens.scopes = ("read_orders", "read_customers")
    with pytest.raises(CredentialsRefused):
        correct(house, order_id)
    told = proposal(house, order_id)

    house.shopify.tokens.scopes = scopes
    house.pass_time(minutes=2)
    correct(house, order_id)

    assert "write_orders" in (told.refused or "")
    assert (proposal(house, order_id).state, proposal(house, order_id).refused) == (State.SENT, None)


def test_an_address_that_is_there_already_is_not_sent(house: House) -> None:
    order_id = approved(house)
    house.shopify.book.readdress(
        order_id,
        in_shopify(house, order_id)
        | {"address1": "7 CORRECTED  Street", "city": "Kochi", "province_code": "KL", "zip": "682031"},
    )

    correct(house, order_id)
    hear_from_shopify(house, order_id)

    assert (mutations(house), state(house, order_id)) == (0, (State.SEEN, False))


def test_what_the_shop_has_written_itself_leaves_nothing_to_decide(house: House) -> None:
    order_id = confirmed(house)
    place = in_shopify(house, order_id)
    house.shopify.book.readdress(
        order_id, place | {"address1": "7 Corrected Street", "city": "Kochi", "province_code": "KL", "zip": "682031"}
    )

    hear_from_shopify(house, order_id)

    assert state(house, order_id) == (State.SEEN, False)


def test_a_decision_that_is_taken_anew_meanwhile_is_the_one_that_counts(house: House) -> None:
    order_id = approved(house)
    found = proposal(house, order_id)

    def reject(_call: Any) -> None:
        house.shopify.on_call.remove(reject)
        house.addresses.reject(order_id, seen=found.version, note="", by="Ravi")

    house.shopify.on_call.append(reject)
    correct(house, order_id)

    assert (state(house, order_id), mutations(house)) == ((State.REJECTED, False), 0)


def test_where_the_app_may_not_see_the_whole_address_nothing_is_sent(house: House) -> None:
    order_id = approved(house)
    house.shopify.hides_customers = True

    correct(house, order_id)

    assert (state(house, order_id), mutations(house)) == ((State.REFUSED, True), 0)
    assert "not approved" in (proposal(house, order_id).refused or "")


def test_what_never_arrives_is_shown_to_a_person_after_an_hour(house: House) -> None:
    order_id = approved(house)
    with house.db.read() as tx:
        counts = [needs_you.count(tx, house.now + timedelta(minutes=minutes)).addresses for minutes in (59, 61)]

    assert counts == [0, 1]
    house.addresses.reject(order_id, seen=proposal(house, order_id).version, note="", by="Asha")
    assert state(house, order_id) == (State.REJECTED, False)


@pytest.mark.parametrize("mode", [Mode.LOST, Mode.DOWN])
@pytest.mark.parametrize("step", [1, 2])
def test_a_worker_that_hears_no_answer_to_any_of_its_questions_repeats_at_most_one_request(
    house: House, step: int, mode: Mode
) -> None:
    """So does one that dies there: all that is left of either is that the request may have left."""
    order_id = approved(house)
    house.shopify.fail_next(step - 1, Mode.NORMAL)
    house.shopify.fail_next(1, mode)
    with pytest.raises((OutcomeUnknown, ProviderBusy)):
        correct(house, order_id)

    correct(house, order_id)
    hear_from_shopify(house, order_id)

    assert mutations(house) == (2 if (step, mode) == (2, Mode.DOWN) else 1)
    assert state(house, order_id) == (State.SEEN, False)


def test_an_answer_that_shows_the_old_address_still_is_no_correction(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, book = approved(house), house.shopify.book
    monkeypatch.setattr(book, "readdress", lambda number, _address: book.order(number))

    correct(house, order_id)

    found = proposal(house, order_id)
    assert (found.state, "shows the old address still" in (found.refused or "")) == (State.REFUSED, True)
    assert not known(house, order_id).is_to_ship


def test_an_order_that_keeps_crashing_the_worker_is_a_persons(house: House) -> None:
    order_id = approved(house)
    house.worker.addresses.give_up(order_id)

    assert state(house, order_id) == (State.REFUSED, True)
