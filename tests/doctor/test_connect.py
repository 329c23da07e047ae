"""``ordercall shopify connect``: what it sees of the app in its shop, and what it changes when somebody agrees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from practice import HERE

from ordercall.cli import cli, main
from ordercall.providers.shopify.subscriptions import ASKED_FOR, OF_HOLDS, OF_PARCELS
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shopify import FakeShopify

ELSEWHERE = "https://old.example/shopify/webhook"
Connect = Callable[..., Result]


@pytest.fixture
def shopify() -> FakeShopify:
    return FakeShopify()


@pytest.fixture
def environment(shopify: FakeShopify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    monkeypatch.chdir(tmp_path)
    with run_in_thread(create_sandbox(shopify=shopify)) as sandbox:
        yield {
            "SHOPIFY_STORE_DOMAIN": "sandbox-shop",
            "SHOPIFY_ADMIN_URL": f"{sandbox.url}/shopify",
            "SHOPIFY_ACCESS_TOKEN": shopify.token,
            "PUBLIC_URL": "https://ordercall.example",
            "DATABASE_PATH": "orders.db",
        }


@pytest.fixture
def connect(environment: dict[str, str]) -> Connect:
    def run(*options: str, answer: str = "", **changes: str) -> Result:
        return CliRunner().invoke(cli, ["shopify", "connect", *options], input=answer, env=environment | changes)

    return run


def addresses(shopify: FakeShopify) -> dict[str, list[str]]:
    topics = {subscription.topic for subscription in shopify.subscriptions.all()}
    return {topic: [each.uri for each in shopify.subscriptions.of_topic(topic)] for topic in topics}


def test_an_app_without_webhooks_gets_each_of_them_once(connect: Connect, shopify: FakeShopify) -> None:
    first, second = connect("--yes"), connect("--yes")

    assert addresses(shopify) == {topic: [HERE] for topic in (*ASKED_FOR, *OF_PARCELS)}
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "there is nothing to change" in second.output


def test_nothing_is_changed_before_somebody_agrees(connect: Connect, shopify: FakeShopify) -> None:
    refused, unanswered, agreed = connect(answer="n\n"), connect(), connect(answer="y\n")

    assert (refused.exit_code, unanswered.exit_code, agreed.exit_code) == (1, 1, 0)
    assert "Create 12, so that they come to https://ordercall.example/shopify/webhook? [y/N]" in refused.output
    assert {call.body["query"].split("(")[0].split()[0] for call in shopify.calls[:4]} == {"query"}


def test_a_webhook_that_goes_elsewhere_or_in_part_is_repaired(connect: Connect, shopify: FakeShopify) -> None:
    shopify.subscriptions.create("orders/create", ELSEWHERE, "2026-10")
    shopify.subscriptions.create("orders/paid", HERE, "2026-10", include_fields=("id",), filter="id:1")

    result = connect("--yes")

    assert f"orders/create      goes to {ELSEWHERE}" in result.output
    assert f"goes to {HERE}, only the fields id are sent, only what matches the filter id:1 is sent" in result.output
    assert addresses(shopify) == {topic: [HERE] for topic in (*ASKED_FOR, *OF_PARCELS)}
    [paid] = shopify.subscriptions.of_topic("orders/paid")
    assert (paid.include_fields, paid.filter) == ((), "")


def test_what_serves_another_installation_is_left_alone(connect: Connect, shopify: FakeShopify) -> None:
    for uri in (ELSEWHERE, HERE):
        shopify.subscriptions.create("orders/create", uri, "2026-10")

    connect("--yes")

    assert addresses(shopify)["orders/create"] == [ELSEWHERE, HERE]


def test_it_says_what_no_app_can_see_or_ask_for(connect: Connect) -> None:
    said = connect("--yes").output

    assert "No app can see webhooks that were made by hand" in said
    assert "customers/data_request, customers/redact, shop/redact cannot be asked for here" in said


def test_a_version_that_falls_forward_is_said(connect: Connect, shopify: FakeShopify) -> None:
    result = connect("--yes", SHOPIFY_API_VERSION="2024-07")

    assert "2024-07 was asked for, and 2026-01 answered" in result.output
    assert "closed its API version 2024-07" in result.output
    assert "orders/create      goes to" in (again := connect(SHOPIFY_API_VERSION="2026-10").output)
    assert "written in 2026-01" in again


def test_a_missing_scope_is_said_with_what_goes_without_it(connect: Connect, shopify: FakeShopify) -> None:
    shopify.tokens.scopes = ("read_orders",)

    result = connect("--yes")

    assert result.exit_code == 1
    assert "write_orders is missing: no order can be cancelled in Shopify" in result.output
    assert addresses(shopify).keys() == set(ASKED_FOR)


def test_a_scope_for_customers_that_is_missing_is_said_by_its_name(connect: Connect, shopify: FakeShopify) -> None:
    shopify.tokens.scopes = ("read_orders", "write_orders")

    result = connect("--yes")

    assert "read_customers is missing" in result.output


def test_one_address_that_shopify_refuses_does_not_stop_the_next(connect: Connect, shopify: FakeShopify) -> None:
    shopify.subscriptions.create("orders/create", ELSEWHERE, "2026-10")
    shopify.fail_next(2, "normal")
    shopify.fail_next(1, "unprocessable")

    result = connect("--yes")

    assert result.exit_code == 1
    assert result.output.count("created") == 11
    assert "Shopify could not repair orders/create: 422" in result.output


def test_the_address_may_be_given_on_the_line(connect: Connect, shopify: FakeShopify) -> None:
    connect("--yes", "--address", "https://other.example/", PUBLIC_URL="")

    assert addresses(shopify)["orders/create"] == ["https://other.example/shopify/webhook"]


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"PUBLIC_URL": ""}, 2, "PUBLIC_URL is not set"),
        ({"PUBLIC_URL": "ordercall.example"}, 2, "PUBLIC_URL is 'ordercall.example'; it must be an address"),
        ({"SHOPIFY_STORE_DOMAIN": ""}, 2, "Without SHOPIFY_STORE_DOMAIN Shopify cannot be asked"),
        ({"SHOPIFY_ACCESS_TOKEN": "another"}, 1, "Shopify could not look at the app's scopes: 401"),
    ],
)
def test_what_is_missing_or_wrong_ends_it_with_a_code_and_a_sentence(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    code: int,
    said: str,
) -> None:
    for name, value in (environment | changes).items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        main(["shopify", "connect", "--yes"])

    assert ended.value.code == code
    assert said in capsys.readouterr().err


def test_where_parcels_are_held_the_webhooks_about_that_are_asked_for_too(
    connect: Connect, shopify: FakeShopify, environment: dict[str, str]
) -> None:
    connect("--yes")
    Path("policy.toml").write_text("[hold]\nuntil_answered = true\n", encoding="utf-8")
    published = CliRunner().invoke(cli, ["policy", "publish", "policy.toml", "--yes"], env=environment)

    result = connect("--yes")

    assert (published.exit_code, result.exit_code) == (0, 0)
    assert addresses(shopify).keys() == {*ASKED_FOR, *OF_PARCELS, *OF_HOLDS}
