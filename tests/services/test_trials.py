"""A trial in the worker: jobs that each go on for a while, one trial at a time, forgotten after a month."""

from __future__ import annotations

from datetime import timedelta

import pytest

from house import House
from ordercall.domain.policy.rules import Payment, Policy, Who
from ordercall.errors import UnknownTrial
from ordercall.jobs.tasks import forget_old
from ordercall.sandbox.orders import make_order
from ordercall.services import policy_trial

TO_COLLECT = Policy(who=Who(payment=Payment.TO_COLLECT))


def tried(house: House, *, days: int = 14) -> int:
    return house.worker.trials.make(TO_COLLECT, made_from=1, days=days, by="Asha")


def test_a_job_that_has_worked_long_enough_leaves_the_rest_to_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_trial, "STEP", 1)
    monkeypatch.setattr(policy_trial, "WORKING_SECONDS", 0)
    placed = house.now.isoformat()
    for number in (1, 2):
        house.receive(make_order(number, created_at=placed))
    house.pass_time(minutes=1)
    trial_id = tried(house)

    house.worker.trials.work(trial_id)
    after_one = house.worker.trials.find(trial_id)
    queued = [arguments for arguments, _ in house.jobs("try_policy")]
    house.worker.trials.work(trial_id)
    house.worker.trials.work(trial_id)

    assert (after_one.done, after_one.finished_at) == (1, None)
    assert queued == [{"trial_id": trial_id}] * 2
    assert house.worker.trials.find(trial_id).done == 2
    assert house.worker.trials.find(trial_id).finished_at


def test_a_trial_is_of_the_orders_of_its_days_and_of_none_that_came_since(house: House) -> None:
    placed = [house.now - timedelta(days=3), house.now - timedelta(days=1), house.now + timedelta(minutes=5)]
    for number, at in enumerate(placed, start=1):
        house.receive(make_order(number, created_at=at.isoformat()))
    trial_id = tried(house, days=2)

    while house.worker.trials.play(trial_id):
        pass

    trial = house.worker.trials.find(trial_id)
    assert (trial.number, trial.done, trial.tally.orders) == (1, 1, 1)


def test_a_trial_changes_nothing_of_an_order(house: House) -> None:
    order_id = house.receive(make_order(1, created_at=house.now.isoformat()))
    house.pass_time(minutes=1)
    before = (house.order(order_id), house.events(order_id), house.jobs("sync_order"))
    trial_id = tried(house)

    house.worker.trials.work(trial_id)

    assert house.worker.trials.find(trial_id).finished_at
    assert (house.order(order_id), house.events(order_id), house.jobs("sync_order")) == before


def test_a_trial_is_forgotten_after_a_month(house: House) -> None:
    trial_id = tried(house)
    house.pass_time(days=29)
    forget_old(house.worker)
    assert house.worker.trials.find(trial_id).days == 14

    house.pass_time(days=2)
    forget_old(house.worker)

    with pytest.raises(UnknownTrial):
        house.worker.trials.find(trial_id)
