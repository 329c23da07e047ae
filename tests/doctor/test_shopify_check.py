"""``ordercall doctor``: what it says of Shopify, of the webhooks that came and of those that were refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from practice import Practice, bad, said

from ordercall.doctor import Grade
from ordercall.domain.parcels.holds import HoldRules
from ordercall.domain.policy.rules import Policy
from ordercall.intake.signature import Cause, NamedSecret
from ordercall.providers.shopify.subscriptions import ASKED_FOR, OF_PARCELS

pytestmark = pytest.mark.sqlite


def test_without_a_webhook_secret_it_says_that_every_webhook_is_refused(practice: Practice) -> None:
    findings = practice.examine(APP_ENV="development", SHOPIFY_SHARED_SECRET="")

    assert ("signature", Grade.FAILURE) in bad(findings)


def test_it_says_which_secret_signed_last_and_which_never_did(practice: Practice) -> None:
    practice.make_database()
    notifications = NamedSecret("notifications", "a long secret of the notifications")
    practice.receive(notifications.mark, datetime.now(UTC) - timedelta(hours=3))
    findings = practice.examine(SHOPIFY_NOTIFICATIONS_SECRET=notifications.value)

    assert "last signed with: shared never, notifications 3 h ago" in said(findings, "webhooks")


def test_after_a_switch_it_is_the_previous_secret_that_signed_last(practice: Practice) -> None:
    before = NamedSecret("shared", "the secret before the switch")
    practice.make_database()
    practice.receive(before.mark, datetime.now(UTC) - timedelta(minutes=3))
    findings = practice.examine(SHOPIFY_OLD_SHARED_SECRET=before.value)

    assert "last signed with: shared never, previous 3 min ago" in said(findings, "webhooks")


def test_refused_webhooks_are_told_with_their_likely_cause(practice: Practice) -> None:
    practice.make_database()
    practice.refuse(Cause.UNKNOWN_SECRET, 12, datetime.now(UTC) - timedelta(minutes=5))
    findings = practice.examine()

    assert ("webhooks", Grade.WARNING) in bad(findings)
    assert "12 were refused in a day, the last 5 min ago. Signed with another secret." in said(findings, "webhooks")


def test_refusals_of_another_day_are_forgotten(practice: Practice) -> None:
    practice.make_database()
    practice.beat(datetime.now(UTC))
    practice.refuse(Cause.MISSING, 1, datetime.now(UTC) - timedelta(hours=25))

    assert "webhooks" not in dict(bad(practice.examine()))


@pytest.mark.parametrize(
    ("column", "value", "grade", "words"),
    [
        ("missed_orders", 3, Grade.WARNING, "3 that no webhook had brought"),
        ("fault", "Shopify could not list the orders: 401", Grade.FAILURE, "could not be read"),
        ("silent", '{"orders/create": 0}', Grade.WARNING, "orders/create used to come often"),
        ("since", 0, Grade.WARNING, "60 days"),
    ],
)
def test_what_the_last_reading_of_the_shop_found_is_told(
    practice: Practice, column: str, value: Any, grade: Grade, words: str
) -> None:
    practice.make_database()
    now = datetime.now(UTC).timestamp()
    practice.execute(
        "INSERT INTO reconciliations (asked_by, started_at, since, ended_at) VALUES ('Ordercall', ?, ?, ?)",
        now,
        now,
        now,
    )
    practice.execute(f"UPDATE reconciliations SET {column} = ?", value)  # noqa: S608 - the tests' own words

    findings = practice.examine()

    assert ("missed webhooks", grade) in bad(findings)
    assert words in said(findings, "missed webhooks")


def test_a_reading_of_the_shop_that_comes_to_no_end_is_told(practice: Practice) -> None:
    practice.make_database()
    long_ago = datetime.now(UTC).timestamp() - 7_200
    practice.execute(
        "INSERT INTO reconciliations (asked_by, started_at, since) VALUES ('Ordercall', ?, ?)", long_ago, long_ago
    )

    assert "Shopify does not answer, or no worker runs" in said(practice.examine(), "missed webhooks")


def test_without_a_shopify_token_it_says_that_nothing_is_cancelled(practice: Practice) -> None:
    findings = practice.examine(SHOPIFY_ACCESS_TOKEN="")

    assert "No order can be cancelled: SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET" in said(findings, "Shopify")


def test_a_closed_version_of_shopify_is_told(practice: Practice) -> None:
    findings = practice.examine(SHOPIFY_API_VERSION="2024-07")

    assert [check for check, _ in bad(findings)].count("Shopify version") == 1
    assert "2024-07 was asked for, and 2026-01 answered" in said(findings, "Shopify version")


def test_a_token_that_shopify_does_not_take_is_told(practice: Practice) -> None:
    findings = practice.examine(SHOPIFY_ACCESS_TOKEN="another-secret-token")

    assert ("Shopify token", Grade.FAILURE) in bad(findings)
    assert "another-secret-token" not in "".join(map(str, findings))


def test_a_scope_that_is_missing_is_told_with_what_goes_without_it(practice: Practice) -> None:
    practice.shopify.tokens.scopes = ("read_orders",)

    findings = practice.examine()

    assert ("Shopify scopes", Grade.FAILURE) in bad(findings)
    assert "write_orders is missing: no order can be cancelled" in said(findings, "Shopify scopes")


def test_the_scopes_for_holds_are_missing_only_where_parcels_are_held(practice: Practice) -> None:
    practice.shopify.tokens.scopes = ("read_orders", "write_orders", "read_customers")
    practice.make_database()
    without = practice.examine()

    practice.publish(Policy(hold=HoldRules(until_answered=True)))

    assert "Shopify scopes" not in [check for check, _ in bad(without)]
    assert "write_merchant_managed_fulfillment_orders is missing: no parcel can be held" in said(
        practice.examine(), "Shopify scopes"
    )


@pytest.mark.parametrize(("api", "grade"), [("graphql", Grade.FAILURE), ("rest", Grade.WARNING)])
def test_an_app_that_may_not_read_customers_is_told(practice: Practice, api: str, grade: Grade) -> None:
    practice.shopify.may_read_customers = False

    findings = practice.examine(SHOPIFY_ADMIN_API=api)

    assert [found for check, found in bad(findings) if check == "Shopify scopes"] == [grade]
    assert "read_customers is missing: where an order is read again its customer is not" in said(
        findings, "Shopify scopes"
    )


@pytest.mark.parametrize("mode", ["frozen", "busy", "html", "down"])
def test_a_shopify_that_cannot_be_asked_is_one_line_of_the_report(practice: Practice, mode: str) -> None:
    practice.shopify.mode = mode

    findings = practice.examine()

    assert [grade for check, grade in bad(findings) if check == "Shopify"] == [Grade.FAILURE]
    assert "Shopify could not look at the app's scopes" in said(findings, "Shopify")


CREDENTIALS = {
    "APP_ENV": "development",
    "SHOPIFY_ACCESS_TOKEN": "",
    "SHOPIFY_CLIENT_ID": "sandbox-client-id",
    "SHOPIFY_CLIENT_SECRET": "sandbox-client-secret",
}


def test_an_app_of_the_dev_dashboard_is_asked_with_a_token_that_is_kept(practice: Practice) -> None:
    before = said(practice.examine(**CREDENTIALS), "Shopify token")
    practice.make_database()

    findings = practice.examine(**CREDENTIALS)

    assert "Shopify was not asked" in before
    assert "accepted by sandbox-shop.myshopify.com" in said(findings, "Shopify token")
    assert "orders of the last 60 days are shown" in said(findings, "Shopify scopes")


@pytest.mark.parametrize(
    ("there", "settings", "grade", "words"),
    [
        ((), {}, Grade.FAILURE, "orders/create missing; orders/updated missing"),
        ((), {"SHOPIFY_NOTIFICATIONS_SECRET": "one of those made by hand"}, None, "those made by hand no app can see"),
        (("orders/create",), {}, Grade.WARNING, "Run: ordercall shopify connect"),
        (("orders/create",), {"PUBLIC_URL": ""}, Grade.WARNING, "asked for 1 webhook, and"),
        ((*ASKED_FOR, *OF_PARCELS), {}, None, "all 12 topics come here"),
    ],
    ids=["none", "by hand", "some", "no address", "all"],
)
def test_webhooks_that_do_not_come_here_are_told(
    practice: Practice, there: tuple[str, ...], settings: dict[str, str], grade: Grade | None, words: str
) -> None:
    practice.subscribe(*there)

    findings = practice.examine(**settings)

    assert dict(bad(findings)).get("subscriptions") is grade
    assert words in said(findings, "subscriptions")


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"format": "XML"}, "the body is XML and not JSON"),
        ({"include_fields": ("id", "updated_at")}, "only the fields id, updated_at are sent"),
        ({"filter": "total_price:>=100"}, "only what matches the filter total_price:>=100 is sent"),
    ],
    ids=["XML", "some fields", "some orders"],
)
def test_a_webhook_that_does_not_bring_whole_orders_is_told_with_the_cause(
    practice: Practice, limits: dict[str, Any], words: str
) -> None:
    practice.subscribe(*ASKED_FOR[1:], *OF_PARCELS)
    practice.subscribe(ASKED_FOR[0], **limits)

    findings = practice.examine()

    assert dict(bad(findings))["subscriptions"] is Grade.WARNING
    assert words in said(findings, "subscriptions")


def test_webhooks_that_stand_in_the_apps_own_configuration_are_no_failure(practice: Practice) -> None:
    practice.make_database()
    practice.receive("client", datetime.now(UTC) - timedelta(hours=2))

    findings = practice.examine()

    assert dict(bad(findings))["subscriptions"] is Grade.WARNING
    assert "which no app can see" in said(findings, "subscriptions")
