"""Cancelling in Shopify: looked at first, sent once, never lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from house import House
from ordercall.domain.orders.order import CancelChoices, CancelReason, Status
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from waiting import until


def placed(house: House, **changes: object) -> int:
    """Return the id of an order that Shopify and we know."""
    order = make_order(1, **changes)
    house.shopify.add(order)
    return house.receive(order)


def failed(house: House, **changes: object) -> int:
    """Return the id of an order that was marked Failed, its cancellation not yet sent."""
    order_id = placed(house, **changes)
    house.orders.change_status(order_id, Status.FAILED, by="a test")
    return order_id


def cancellations(house: House) -> int:
    return len([call for call in house.shopify.calls if call.method == "POST"])


def chosen(house: House) -> list[tuple[str, bool, bool]]:
    """Return the reason, the stock and the e-mail of each cancellation that reached Shopify."""
    bodies = [call.body for call in house.shopify.calls if call.method == "POST"]
    return [(body["reason"], body["restock"], body["email"]) for body in bodies]


QUIETLY = CancelChoices(reason=CancelReason.CUSTOMER, restock=False, email=False)


def test_nobody_chose_so_shopify_restocks_and_tells_the_customer(house: House) -> None:
    house.cancels.cancel(failed(house))

    assert chosen(house) == [("other", True, True)]


def test_what_was_chosen_with_failed_is_what_shopify_gets(house: House) -> None:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.FAILED, by="a test", choices=QUIETLY)

    house.cancels.cancel(order_id)

    assert chosen(house) == [("customer", False, False)]


def test_another_try_keeps_what_was_chosen_with_failed(house: House) -> None:
    order_id = placed(house)
    house.orders.change_status(order_id, Status.FAILED, by="a test", choices=QUIETLY)
    house.shopify.fail_next(1, "frozen")
    house.cancels.cancel(order_id)

    house.orders.retry_cancel(order_id, by="a test")
    house.cancels.cancel(order_id)

    assert chosen(house)[-1] == ("customer", False, False)


def test_an_order_that_became_failed_anew_is_cancelled_as_chosen_now(house: House) -> None:
    order_id = failed(house)
    house.orders.change_status(order_id, Status.PLACED, by="a test")
    house.orders.change_status(order_id, Status.FAILED, by="a test", choices=QUIETLY)

    house.cancels.cancel(order_id)

    assert chosen(house) == [("customer", False, False)]


def test_a_request_that_may_have_left_is_repeated_as_it_was(house: House) -> None:
    order_id = failed(house)
    house.shopify.fail_next(1, Mode.NORMAL)
    house.shopify.fail_next(1, Mode.FAILING)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)

    house.orders.change_status(order_id, Status.FAILED, by="a test", choices=QUIETLY)
    house.cancels.cancel(order_id)

    assert chosen(house) == [("other", True, True)] * 2


def test_failed_that_is_taken_back_while_shopify_shows_the_order_cancels_nothing(house: House) -> None:
    order_id = failed(house)
    house.gate.close()
    with ThreadPoolExecutor(1) as aside:
        job = aside.submit(house.cancels.cancel, order_id)
        until(house.gate.waiting, "Shopify is asked")
        house.orders.change_status(order_id, Status.PLACED, by="a test")
        house.gate.open()
    job.result()

    assert cancellations(house) == 0
    assert house.events(order_id)[-1] == "Shopify_Cancel_Withdrawn"


def test_failed_queues_one_cancellation_in_the_same_commit(house: House) -> None:
    order_id = failed(house)

    assert len(house.jobs("cancel_order")) == 1
    assert house.order(order_id).cancel_state == "queued"


def test_the_order_is_cancelled_and_the_log_says_so(house: House) -> None:
    order_id = failed(house)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "done"
    assert house.events(order_id)[-1] == "Shopify_Cancel_Success"


def test_the_order_is_looked_at_before_it_is_cancelled_and_after(house: House) -> None:
    house.cancels.cancel(failed(house))

    assert [call.method for call in house.shopify.calls] == ["GET", "POST", "GET"]


def test_a_second_run_of_the_job_sends_nothing(house: House) -> None:
    order_id = failed(house)
    house.cancels.cancel(order_id)

    house.cancels.cancel(order_id)

    assert cancellations(house) == 1


def test_what_shopify_cancelled_already_counts_as_done(house: House) -> None:
    order_id = failed(house)
    house.shopify.cancel(order_id)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "done"
    assert cancellations(house) == 0


def test_a_parcel_that_left_is_refused_without_asking(house: House) -> None:
    order_id = failed(house)
    house.shopify.ship(order_id)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "refused"
    assert house.events(order_id)[-1] == "Shopify_Cancel_Error"
    assert cancellations(house) == 0


def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(house: House) -> None:
    order_id = failed(house)
    house.shopify.fail_next(1, Mode.NORMAL)
    house.shopify.fail_next(1, Mode.LOST)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "done"
    assert cancellations(house) == 1


def test_a_failing_shopify_is_asked_again(house: House) -> None:
    order_id = failed(house)
    house.shopify.fail_next(1, Mode.NORMAL)
    house.shopify.fail_next(1, Mode.FAILING)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "done"


def test_a_throttled_shopify_says_how_long_to_wait(house: House) -> None:
    order_id = failed(house)
    house.shopify.fail_next(1, Mode.THROTTLED)

    with pytest.raises(ProviderBusy) as caught:
        house.cancels.cancel(order_id)

    assert caught.value.retry_after == 2.0
    assert house.order(order_id).cancel_state == "queued"


def test_a_wrong_token_is_no_matter_of_the_order(house: House) -> None:
    order_id = failed(house)
    house.shopify.token = "another"

    with pytest.raises(CredentialsRefused):
        house.cancels.cancel(order_id)
    before = house.order(order_id).cancel_state
    house.shopify.token = "sandbox-access-token"
    house.pass_time(minutes=1)
    house.cancels.cancel(order_id)

    assert (before, house.order(order_id).cancel_state) == ("queued", "done")


def test_an_order_that_shopify_no_longer_shows_after_it_took_the_request_is_not_said_to_stand(house: House) -> None:
    order_id = failed(house)
    house.shopify.on_call.append(lambda call: call.method == "POST" and house.shopify.switch("frozen"))
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    house.pass_time(minutes=10)

    house.cancels.cancel(order_id)

    row = house.order(order_id)
    assert (row.cancel_state, row.cancel_detail[-60:]) == (
        "unclear",
        "Shopify may have taken the request to cancel it: look there.",
    )
    assert "Not cancelled" not in house.messages(order_id)[-1]


def stays_open(house: House, order_id: int) -> None:
    """Let Shopify say yes to every cancellation and still show the order open."""
    house.shopify.on_call.append(lambda _: house.shopify.book.change(order_id, lambda _: {"cancelled_at": None}))


def test_a_yes_after_which_the_order_stays_open_is_left_to_a_person_after_an_hour(house: House) -> None:
    order_id = failed(house)
    stays_open(house, order_id)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    house.pass_time(minutes=59)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    house.pass_time(minutes=2)

    house.cancels.cancel(order_id)

    assert (house.order(order_id).cancel_state, house.events(order_id)[-1]) == ("unclear", "Shopify_Cancel_Unclear")
    assert house.messages(order_id)[-1] == (
        "Not known whether it is cancelled in Shopify. Shopify was asked for it on 24 Nov, 12:00 (reason other, the "
        "goods go back in stock, the customer gets an e-mail), and no clear answer came: it says yes, and the order is "
        "not cancelled yet. It may still be cancelled: look at the order in Shopify, then cancel it there or try again "
        "here."
    )


def test_what_was_left_unclear_can_be_tried_again(house: House) -> None:
    order_id = failed(house)
    stays_open(house, order_id)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    house.pass_time(minutes=61)
    house.cancels.cancel(order_id)
    house.shopify.on_call.clear()

    house.orders.retry_cancel(order_id, by="a person")
    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "done"


def test_a_shopify_that_never_answers_clearly_is_told_to_a_person_after_an_hour(house: House) -> None:
    order_id = failed(house)
    house.shopify.fail_next(1, Mode.NORMAL)
    house.shopify.fail_next(3, Mode.FAILING)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)
    house.pass_time(minutes=61)

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "unclear"
    assert "500 Internal" in house.order(order_id).cancel_detail


def test_a_request_of_a_version_that_kept_no_time_is_tried_on(house: House) -> None:
    order_id = failed(house)
    with house.db.begin() as tx:
        tx.exec_driver_sql("UPDATE orders SET cancel_state = 'sending', cancel_asked_at = NULL")
    house.shopify.fail_next(1, Mode.FAILING)

    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)


def test_a_worker_that_crashed_while_it_cancelled_does_not_say_that_nothing_happened(house: House) -> None:
    order_id = failed(house)
    house.shopify.fail_next(1, Mode.NORMAL)
    house.shopify.fail_next(1, Mode.LOST)
    with pytest.raises(OutcomeUnknown):
        house.cancels.cancel(order_id)

    house.cancels.give_up(order_id)

    assert house.order(order_id).cancel_state == "unclear"


def test_an_order_unknown_to_shopify_is_refused(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.orders.change_status(order_id, Status.FAILED, by="a test")

    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "refused"
    assert "404" in house.order(order_id).cancel_detail


def test_a_person_who_thinks_again_in_time_keeps_the_order(house: House) -> None:
    order_id = failed(house)
    house.orders.change_status(order_id, Status.PLACED, by="a person")

    house.cancels.cancel(order_id)

    assert cancellations(house) == 0
    assert house.events(order_id)[-1] == "Shopify_Cancel_Withdrawn"


def test_a_refused_cancellation_can_be_tried_again(house: House) -> None:
    order_id = failed(house)
    house.shopify.fail_next(1, "frozen")
    house.cancels.cancel(order_id)

    house.orders.retry_cancel(order_id, by="a person")
    house.cancels.cancel(order_id)

    assert house.order(order_id).cancel_state == "done"


def test_an_order_the_shop_cancelled_becomes_failed_without_a_second_cancel(house: House) -> None:
    order = make_order(1)
    order_id = house.receive(order)

    house.receive(order | {"cancelled_at": "2026-11-24T12:00:00+05:30"}, topic="orders/cancelled")

    assert house.order(order_id).confirmation_status == "Failed"
    assert house.jobs("cancel_order") == []


def test_a_cancellation_that_comes_before_its_order_keeps_the_customer_from_being_called(house: House) -> None:
    order = make_order(1)
    house.receive(order | {"cancelled_at": "2026-11-24T12:00:00+05:30"}, topic="orders/cancelled")

    order_id = house.receive(order)

    assert house.states()[order_id] == ("not_called", "cancelled")
    assert house.jobs("sync_order") == []
