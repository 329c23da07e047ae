"""A job that hangs, in real processes: its worker ends itself, the next one goes on, and that has an end too."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from installation import Installation
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.shopify import FakeShopify
from waiting import until

pytestmark = pytest.mark.journey

WAYS = {
    "waits for ever": "import threading; threading.Event().wait()",
    "computes for ever": "while True: pass",
    "never lets go of the interpreter": "import re; re.match('(a+)+$', 'a' * 60 + 'b')",
}
SERVE = """
import pathlib, sys
from datetime import timedelta
from ordercall.cli import main
from ordercall.jobs import hanging, queue, worker
from ordercall.services.write_back_service import WriteBackService

hanging.LOOK_SECONDS, hanging.FUSE_SECONDS, worker.GRACE_SECONDS = 0.5, 5.0, 1.0
queue.LONGEST_RUNS["write_order"] = timedelta(seconds=2)
write, hung = WriteBackService.write, pathlib.Path("hung")

def write_or_hang(self, *arguments, **named):
    if {always} or not hung.exists():
        hung.touch()
        {way}
    write(self, *arguments, **named)

WriteBackService.write = write_or_hang
main(["serve"])
"""
"""``ordercall serve`` with a fault in it, and in the haste of a test."""


def ends(shop: Installation) -> int:
    return shop.log.read_text().count("hangs; this worker ends")


def serve(shop: Installation, shopify: FakeShopify, way: str, *, always: bool) -> int:
    """Start it; return the id of a confirmed order, by whose tag it hangs."""
    shop.start(sys.executable, "-c", SERVE.format(way=WAYS[way], always=always))
    order = make_order(1)
    shopify.add(order)
    shop.deliver(order)
    until(lambda: shop.on_campaign() == 1, "the customer is on the campaign")
    shop.set_status(order["id"], "Success")
    return int(order["id"])


@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=[pytest.mark.sqlite] if "for ever" in way else []) for way in WAYS]
)
def test_a_worker_whose_job_hangs_ends_and_the_next_one_does_the_job(
    install: Callable[..., Installation], shopify: FakeShopify, way: str
) -> None:
    shop = install(SHOPIFY_TAG_CONFIRMED="confirmed")
    order_id = serve(shop, shopify, way, always=False)

    until(lambda: "Shopify_Tag_Added" in shop.events(order_id), "the order has its tag")

    log = shop.log.read_text()
    assert "the worker ended with code 1; it is started again" in log
    assert ("Timeout (0:00:05)!" in log) if "interpreter" in way else ends(shop) == 1
    assert shop.runs


def test_a_job_that_hangs_each_time_is_given_up_and_the_others_go_on(
    install: Callable[..., Installation], shopify: FakeShopify
) -> None:
    shop = install(SHOPIFY_TAG_CONFIRMED="confirmed")
    order_id = serve(shop, shopify, "computes for ever", always=True)

    until(lambda: "Shopify_Tag_Error" in shop.events(order_id), "the tag is given up")

    assert ends(shop) == 4
    shop.deliver(make_order(2))
    until(lambda: shop.on_campaign() == 2, "the next customer is on the campaign")
    assert ends(shop) == 4
    assert shop.stop() == 0
