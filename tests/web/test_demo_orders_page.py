"""What the pages say of the sandbox's orders, and the button that removes them."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.server import run_in_thread
from ordercall.services import demo as demo_service
from ports import free_port
from reading import flashed, look, names
from web_app import Element, Page, Shop, send_form

REMOVE = "/demo-orders/remove"


def with_demo_orders(shop: Shop, *numbers: int) -> list[int]:
    """Let the shop have orders that the sandbox placed before it was set up."""
    ids = [shop.receive(number) for number in numbers]
    for order_id in ids:
        shop.change(order_id, is_demo=1)
    return ids


def banners(page: Page) -> list[Element]:
    return [banner for banner in page.all(css="ban") if "demo order" in banner.text.lower()]


@pytest.mark.parametrize("address", ["/", "/needs-you", "/reports/placed"])
def test_a_real_shop_is_told_of_the_sandboxs_orders_on_every_page(shop: Shop, address: str) -> None:
    with_demo_orders(shop, 1, 2, 3)
    shop.receive(1001)

    [banner] = banners(look(shop.person(), address))

    assert banner.one("p").text == (
        "3 demo orders of the sandbox are still here. Nobody is called for them and nothing is cancelled, but all "
        "numbers count them. The button removes them, and so does ordercall sandbox clear."
    )
    assert banner.one("form", method="post").attrs["action"] == REMOVE
    assert banner.one("button").text == "Remove the demo orders"


def test_one_order_is_told_as_one(shop: Shop) -> None:
    with_demo_orders(shop, 1)

    [banner] = banners(look(shop.person()))

    assert "1 demo order of the sandbox is still here. Nobody is called for it" in banner.text


def test_without_such_orders_nothing_is_said(shop: Shop) -> None:
    shop.receive(1001)

    assert banners(look(shop.person())) == []


def test_a_stranger_is_told_nothing_of_them(shop: Shop) -> None:
    with_demo_orders(shop, 1)

    assert banners(look(shop.client(), "/login")) == []


def test_the_button_removes_them_and_leaves_the_real_ones(shop: Shop) -> None:
    with_demo_orders(shop, 1, 2)
    shop.receive(1001)
    person = shop.person()

    answer = send_form(person, REMOVE)
    page = look(person)

    assert (answer.status_code, answer.location) == (303, "/")
    assert flashed(page) == ["Demo orders removed: 2."]
    assert names(page) == ["#1001"]
    assert banners(page) == []


def test_a_stranger_removes_nothing(shop: Shop) -> None:
    with_demo_orders(shop, 1)

    answer = shop.client().post(REMOVE)

    assert (answer.status_code, answer.location.startswith("/login")) == (302, True)
    assert len(shop.rows("SELECT shopify_id FROM orders")) == 1


def test_a_form_of_another_site_removes_nothing(shop: Shop) -> None:
    with_demo_orders(shop, 1)

    assert shop.person().post(REMOVE).status_code == 400
    assert len(shop.rows("SELECT shopify_id FROM orders")) == 1


def test_the_page_of_such_an_order_says_what_it_is(shop: Shop) -> None:
    [demo], real = with_demo_orders(shop, 1), shop.receive(1001)
    person = shop.person()

    of_demo, of_real = look(person, f"/orders/{demo}"), look(person, f"/orders/{real}")

    assert (of_demo.has(css="bdg", text="Demo"), of_real.has(css="bdg", text="Demo")) == (True, False)
    assert (of_demo.has("a", text="Open in Shopify"), of_real.has("a", text="Open in Shopify")) == (False, True)
    assert (of_demo.has("button", text="Sync now"), of_real.has("button", text="Sync now")) == (False, True)


# -- beside the sandbox


def test_beside_the_sandbox_the_button_stands_in_its_own_banner(new_shop: Any) -> None:
    shop: Shop = new_shop(ORDERCALL_SANDBOXED="1")
    order_id = shop.receive(1001)

    page = look(shop.person(), f"/orders/{order_id}")

    banner = page.one("div", css="ban", text="Sandbox: nobody is really called.")
    assert banner.one("form").attrs["action"] == REMOVE
    assert not page.has(css="bdg", text="Demo")


def test_beside_the_sandbox_nothing_is_to_be_removed_without_an_order(new_shop: Any) -> None:
    shop: Shop = new_shop(ORDERCALL_SANDBOXED="1")

    assert not look(shop.person()).one("div", css="ban", text="Sandbox").has("button")


def test_what_is_removed_is_forgotten_by_the_running_sandbox_too(new_shop: Any) -> None:
    with run_in_thread(create_sandbox()) as running:
        shop: Shop = new_shop(ORDERCALL_SANDBOXED="1", SANDBOX_PORT=running.url.rpartition(":")[2])
        running.sandbox.shop.place_order()
        shop.receive(1001)

        send_form(shop.person(), REMOVE)

        assert running.sandbox.shop.orders == []
        assert running.sandbox.shopify.book.orders() == []
        assert shop.rows("SELECT shopify_id FROM orders") == []


def test_where_the_sandbox_does_not_run_there_is_nobody_to_forget(new_shop: Any) -> None:
    shop: Shop = new_shop(ORDERCALL_SANDBOXED="1", SANDBOX_PORT=str(free_port()))
    shop.receive(1001)

    assert send_form(shop.person(), REMOVE).status_code == 303
    assert shop.rows("SELECT shopify_id FROM orders") == []


def test_while_the_sandbox_does_not_answer_nothing_is_removed_and_the_page_says_so(
    new_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_service, "SECONDS_TO_FORGET", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        shop: Shop = new_shop(ORDERCALL_SANDBOXED="1", SANDBOX_PORT=str(silent.getsockname()[1]))
        shop.receive(1001)

        answer = send_form(shop.person(), REMOVE)

    assert answer.status_code == 503
    assert "The sandbox did not answer, so no demo order was removed" in answer.text
    assert len(shop.rows("SELECT shopify_id FROM orders")) == 1


def test_a_real_shop_tells_no_sandbox_to_forget(new_shop: Any) -> None:
    with run_in_thread(create_sandbox()) as running:
        shop: Shop = new_shop(SANDBOX_PORT=running.url.rpartition(":")[2])
        with_demo_orders(shop, 1)
        running.sandbox.shop.place_order()

        send_form(shop.person(), REMOVE)

        assert len(running.sandbox.shop.orders) == 1
