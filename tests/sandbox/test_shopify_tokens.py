"""An app gets into the fake shop by the client credentials grant, as into a real one."""

from __future__ import annotations

import httpx
import pytest
from playing import http
from shop_talk import CREDENTIALS, TOKEN_PATH, Clock, ask, graphql

from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.shopify_tokens import HOLDS, RETURNS

SHOP = "{ shop { myshopifyDomain } }"


def grant(client: httpx.Client, **changes: str) -> httpx.Response:
    return client.post(TOKEN_PATH, data=CREDENTIALS | changes)


def with_token(running_url: str, token: str) -> httpx.Client:
    return http(f"{running_url}/shopify/admin/api/2026-10", **{"X-Shopify-Access-Token": token})


@pytest.mark.parametrize("sent_as", ["data", "json"])
def test_credentials_are_exchanged_for_a_token_of_24_hours(page, sent_as):
    answer = page.post(TOKEN_PATH, **{sent_as: CREDENTIALS})

    assert answer.status_code == 200
    assert answer.json() | {"access_token": ""} == {
        "access_token": "",
        "scope": ",".join(("read_orders", "write_orders", "read_customers", *HOLDS, *RETURNS)),
        "expires_in": 86399,
    }
    assert answer.json()["access_token"].startswith("shpat_")


def test_a_granted_token_opens_the_api(page, running):
    token = grant(page).json()["access_token"]

    with with_token(running.url, token) as client:
        assert ask(client, SHOP) == {"myshopifyDomain": "sandbox-shop.myshopify.com"}


def test_a_token_ends_after_its_time(page, running, clock: Clock):
    token = grant(page).json()["access_token"]

    with with_token(running.url, token) as client:
        clock.forward(seconds=86_398)
        before = client.post("/graphql.json", json={"query": SHOP})
        clock.forward(seconds=1)
        after = client.post("/graphql.json", json={"query": SHOP})

    assert (before.status_code, after.status_code) == (200, 401)
    assert after.json() == {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


def test_a_new_token_leaves_the_old_one_valid(page, running):
    first, second = (grant(page).json()["access_token"] for _ in range(2))

    for token in (first, second):
        with with_token(running.url, token) as client:
            ask(client, SHOP)


def test_a_wrong_secret_is_refused_in_json(page):
    answer = grant(page, client_secret="wrong")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_both_secrets_are_valid_while_one_is_rotated(page, shopify: FakeShopify):
    shopify.tokens.client_secrets.append("the new one")

    assert [grant(page, client_secret=secret).status_code for secret in shopify.tokens.client_secrets] == [200, 200]


@pytest.mark.parametrize(
    ("condition", "reason"), [("app_installed", "app_not_installed"), ("same_organization", "shop_not_permitted")]
)
def test_an_app_that_may_not_come_in_gets_a_page_that_names_the_reason(page, shopify, condition, reason):
    setattr(shopify.tokens, condition, False)

    answer = grant(page)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f"<title>400 - Oauth error {reason}</title>" in answer.text


def test_an_unknown_app_and_another_grant_are_refused(page):
    assert "application_cannot_be_found" in grant(page, client_id="other").text
    assert "unsupported_grant_type" in grant(page, grant_type="authorization_code").text


def test_no_token_is_valid_once_the_app_is_uninstalled(to_shopify, shopify):
    shopify.tokens.uninstall()

    assert to_shopify.get("/orders.json").status_code == 401


def test_the_app_reads_its_scopes(to_shopify, page, running, shopify):
    scopes = "{ currentAppInstallation { accessScopes { handle } } }"
    shopify.tokens.scopes = ("read_orders",)
    with with_token(running.url, grant(page).json()["access_token"]) as client:
        granted = ask(client, scopes)
    legacy = ask(to_shopify, scopes)

    assert [each["handle"] for each in granted["accessScopes"]] == ["read_orders"]
    assert [each["handle"] for each in legacy["accessScopes"]] == ["read_all_orders", "read_orders"]


def test_what_a_token_may_not_do_is_refused_by_name(page, running, shopify):
    shopify.tokens.scopes = ("read_orders",)
    with with_token(running.url, grant(page).json()["access_token"]) as client:
        by_graphql = graphql(client, 'mutation { tagsAdd(id: "gid://shopify/Order/1", tags: ["a"]) { node { id } } }')
        by_rest = client.post("/orders/1/cancel.json", json={})

    [error] = by_graphql["errors"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert "write_orders" in error["message"]
    assert (by_rest.status_code, "write_orders" in by_rest.text) == (403, True)
