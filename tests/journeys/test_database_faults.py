"""The database is lost, full or away under a running installation: nothing it answered for is lost, and it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from full_disk import Disk, LimitedFiles, small_disk
from installation import HTTP, Installation
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]


def deliver_until_taken(shop: Installation, number: int) -> set[int]:
    """Send a webhook as Shopify does, again while it is refused; return how it was answered."""
    answers: set[int] = set()

    def taken() -> bool:
        answers.add(shop.deliver(make_order(number), **{"X-Shopify-Webhook-Id": f"order-{number}"}).status_code)
        return 200 in answers

    until(taken, f"order {number} is taken")
    return answers


def test_a_file_that_is_deleted_under_the_program_is_put_back_and_all_are_called(
    shop: Installation, kalimera: FakeKalimera
) -> None:
    for number in (1, 2, 3):
        deliver_until_taken(shop, number)
    for file in shop.folder.glob(f"{shop.database.name}*"):
        file.unlink()

    answers = set().union(*(deliver_until_taken(shop, number) for number in (4, 5, 6)))

    assert answers <= {200, 503}
    until(lambda: shop.on_campaign() == 6, "all six are on the campaign")
    assert shop.answers()
    assert kalimera.repeats == []
    assert shop.log.read_text().count("is put back with all that was stored") == 1
    assert "Traceback" not in shop.log.read_text()


@pytest.fixture(params=["a disk of its own", "a limit"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """The disk of a shop, filled in two ways: SQLite has a word of its own for each."""
    if request.param == "a limit":
        yield LimitedFiles(tmp_path)
        return
    with small_disk(tmp_path / "disk") as disk:
        yield disk


def test_with_a_full_disk_webhooks_are_refused_and_all_are_called_when_there_is_room(
    install: Callable[..., Installation], disk: Disk, kalimera: FakeKalimera
) -> None:
    shop = install(DATABASE_PATH=str(disk.folder / "orders.db"))
    shop.database = disk.folder / "orders.db"
    shop.start()
    shop.wait_for_workers()
    deliver_until_taken(shop, 1)
    until(lambda: shop.on_campaign() == 1, "the first is on the campaign")
    disk.fill(shop.pid)

    refused = [shop.deliver(make_order(number)).status_code for number in range(2, 12)]
    health = HTTP.get(f"{shop.url}/health")
    login = HTTP.get(f"{shop.url}/login")
    disk.make_room(shop.pid)
    for number in range(2, 12):
        deliver_until_taken(shop, number)

    assert 503 in refused
    assert (health.status_code, login.status_code) == (503, 200)
    assert "nothing can be stored" in health.json()["message"]
    until(lambda: shop.on_campaign() == 11, "all are on the campaign")
    assert kalimera.repeats == []
    assert shop.answers()
    assert shop.log.read_text().count("nothing can be stored") <= 2 * 2  # web and worker, each at most before and after
    assert "Traceback" not in shop.log.read_text()
