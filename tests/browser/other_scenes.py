"""What waits for a person, many orders at once, reports, and the odd pages."""

from __future__ import annotations

import json
from datetime import timedelta

import busy_day
from busy_day import LATEST, TOLD, TROUBLED, WITHOUT_PHONE, order_id
from desk import (
    bulk_bar,
    play_trials,
    tick,
    work_on_runs,
)
from playwright.sync_api import Page, expect
from setting import free_rules, nothing, scene, two_weeks

from databases import ask
from ordercall.domain.audit import Act
from ordercall.domain.calls.call import CallState
from ordercall.domain.do_not_call import Source
from ordercall.domain.findings import Finding, Grade
from ordercall.domain.people import Role, Scope
from ordercall.storage.records import audit, connection_checks
from own_numbers import trying
from ringing import rung
from web_app import Shop, post_webhook

TOKEN = {"X-App-Token": "a-sync-token-of-programs"}

# -- what waits for a person, and many orders at once


def troubled(shop: Shop) -> None:
    busy_day.fill(shop)
    post_webhook(shop.client(), b"not JSON")


@scene(troubled)
def needs_you(page: Page, _shop: Shop) -> None:
    page.goto("/needs-you")


def silent(shop: Shop) -> None:
    """Have two customers not pick up."""
    troubled(shop)
    for number in (TOLD, LATEST - 9):
        shop.change(order_id(number), confirmation_status="Placed", calling_state="on_campaign")
        with shop.db.begin() as tx:
            rung(tx, order_id(number), now=shop.now, state=CallState.UNANSWERED, began=timedelta(hours=2))


@scene(silent)
def who_did_not_pick_up(page: Page, _shop: Shop) -> None:
    page.goto("/needs-you")


@scene()
def history(page: Page, shop: Shop) -> None:
    page.goto(f"/orders/{order_id(TOLD)}")
    page.locator("button.opt[value=Returned]").click()
    expect(page.get_by_text(f"#{TOLD} marked Returned.")).to_be_visible()
    start_a_run(page)
    work_on_runs(shop)
    page.goto("/history")


@scene(nothing)
def nothing_needs_you(page: Page, _shop: Shop) -> None:
    page.goto("/needs-you")


@scene()
def confirm_many_failed(page: Page, _shop: Shop) -> None:
    page.goto("/")
    tick(page, TROUBLED, TOLD)
    bulk_bar(page).get_by_role("button", name="Failed…").click()
    expect(page.get_by_role("button", name="Keep the orders")).to_be_visible()


@scene()
def run_under_way(page: Page, shop: Shop) -> None:
    start_a_run(page)
    work_on_runs(shop)
    page.reload()


@scene()
def run_with_failures(page: Page, shop: Shop) -> None:
    start_a_run(page)
    work_on_runs(shop)
    shop.change(order_id(TROUBLED), calling_state="on_campaign")
    work_on_runs(shop)
    page.reload()
    expect(page.get_by_text("1 of 3 re-synced, 2 skipped.")).to_be_visible()


def start_a_run(page: Page) -> None:
    """Send three orders to Kalimera again: one that can be, one without a phone, one that is on the campaign."""
    page.goto("/")
    tick(page, TROUBLED, TOLD, WITHOUT_PHONE)
    bulk_bar(page).get_by_role("button", name="Re-sync").click()
    expect(page.get_by_role("heading", name="Re-sync")).to_be_visible()


# -- reports


@scene(two_weeks)
def report(page: Page, _shop: Shop) -> None:
    page.goto("/reports/success")


@scene(nothing)
def empty_report(page: Page, _shop: Shop) -> None:
    page.goto("/reports/returned")


def answered(shop: Shop) -> None:
    """Have each decided order of two weeks answered in a call, some products and states refusing more than others."""
    two_weeks(shop)
    with shop.db.begin() as tx:
        for order, product, status in ask(tx, "SELECT shopify_id, product_title, confirmation_status FROM orders"):
            call, refused = str(order), status == "Failed" or (len(product) % 3 == 0 and order % 3 == 0)
            ask(tx, "INSERT INTO calls (call_id, state, planned_at, changed_at) VALUES (?, 'answered', 0, 0)", call)
            said = "refused" if refused else "confirmed"
            ask(
                tx,
                "INSERT INTO call_orders (shopify_id, call_id, is_live, answer) VALUES (?, ?, 0, ?)",
                order,
                call,
                said,
            )


@scene(answered)
def refusals(page: Page, _shop: Shop) -> None:
    page.goto("/reports/refusals")
    expect(page.get_by_role("heading", name="By product")).to_be_visible()


def told_by_the_agent(shop: Shop) -> None:
    busy_day.fill(shop)
    let_the_agent_tell(shop)


def let_the_agent_tell(shop: Shop) -> None:
    for number, said in enumerate(({"answer": "confirmed"}, {"connection": "no_answer"}, {"answer": "pakka"}), 3001):
        order, contact = shop.receive(number), f"card-{number}"
        with shop.db.begin() as tx:
            rung(tx, order, now=shop.now, contact=contact)
        shop.client().post("/api/outcomes", json={"contact_id": contact} | said, headers=TOKEN)


@scene(told_by_the_agent)
def reported(page: Page, _shop: Shop) -> None:
    page.goto("/reported")
    expect(page.get_by_role("heading", name="Words that nobody has explained")).to_be_visible()


# -- the odd ones


@scene(troubled)
def deliveries(page: Page, _shop: Shop) -> None:
    page.goto("/deliveries")


@scene(nothing)
def no_deliveries(page: Page, _shop: Shop) -> None:
    page.goto("/deliveries")


def asked_for_privacy(shop: Shop) -> None:
    busy_day.fill(shop)
    body = {
        "shop_id": 954889,
        "shop_domain": f"{shop.settings.shopify_store_domain or 'shop'}.myshopify.com",
        "customer": {"id": 191167, "email": "customer@example.com", "phone": "+915550001006"},
        "orders_requested": [order_id(TOLD)],
    }
    post_webhook(shop.client(), json.dumps(body).encode(), topic="customers/data_request")


@scene(asked_for_privacy)
def privacy(page: Page, _shop: Shop) -> None:
    page.goto("/privacy")
    expect(page.get_by_role("button", name="The customer has it")).to_be_visible()


@scene(nothing)
def no_privacy_requests(page: Page, _shop: Shop) -> None:
    page.goto("/privacy")


# -- the rules about calls


@scene(free_rules)
def settings_calling(page: Page, _shop: Shop) -> None:
    page.goto("/settings/calling")


@scene()
def settings_held_by_the_environment(page: Page, _shop: Shop) -> None:
    page.goto("/settings/calling")


@scene(free_rules)
def settings_draft(page: Page, _shop: Shop) -> None:
    page.goto("/settings/calling")
    page.get_by_label("Saturday, to").fill("23:00")
    page.get_by_label("Only those of which something is to be collected").check()
    page.get_by_role("button", name="See what changes").click()
    expect(page.get_by_role("button", name="Publish as version 2")).to_be_visible()


@scene(free_rules)
def settings_trial(page: Page, shop: Shop) -> None:
    page.goto("/settings/calling")
    page.get_by_label("Only those of which something is to be collected").check()
    page.get_by_role("button", name="See what changes").click()
    page.get_by_role("button", name="Try on the past").click()
    play_trials(shop)
    page.reload()
    expect(page.get_by_text("It would have called")).to_be_visible()


@scene(free_rules)
def settings_draft_refused(page: Page, _shop: Shop) -> None:
    page.goto("/settings/calling")
    page.get_by_label("Saturday, to").fill("8:00")
    page.get_by_role("button", name="See what changes").click()
    expect(page.get_by_role("heading", name="This draft cannot be used")).to_be_visible()


@scene()
def settings_languages(page: Page, _shop: Shop) -> None:
    page.goto("/settings/languages")
    page.get_by_label("The own table below").check()
    page.get_by_label("Language of Gujarat").select_option("gu")
    page.get_by_role("button", name="See what changes").click()
    expect(page.get_by_role("button", name="Publish as version 2")).to_be_visible()


@scene()
def settings_do_not_call(page: Page, _shop: Shop) -> None:
    page.goto("/settings/do-not-call")
    page.get_by_label("CSV file").set_input_files(
        {"name": "wishes.csv", "mimeType": "text/csv", "buffer": b"+919812345670,,own\nMeera\n"}
    )
    page.get_by_role("button", name="List these numbers").click()
    expect(page.get_by_role("region", name="What became of each line")).to_contain_text("no phone number")


@scene()
def settings_connections(page: Page, shop: Shop) -> None:
    long = "orders/create goes to https://" + "a-very-long-name-of-a-host." * 6 + "example."
    found = [
        Finding("calling hours", Grade.OK, "open until 21:00"),
        Finding("subscriptions", Grade.FAILURE, long, "Run: ordercall shopify connect"),
        Finding("clock", Grade.WARNING, "This machine's clock is 90 s behind Kalimera's.", "Switch on NTP."),
    ]
    with shop.db.begin() as tx:
        connection_checks.store(tx, found, now=shop.now)
    page.goto("/settings/connections")
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("Checking …")).to_be_visible()


@scene()
def settings_people(page: Page, shop: Shop) -> None:
    shop.context.access.people.invite("Asha", Role.AGENT, by="a person")
    page.goto("/settings/people")
    page.get_by_label("Name").fill("Vikram")
    page.get_by_label("Viewer.").check()
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("region", name="A link for Vikram")).to_contain_text("/welcome/")


@scene()
def settings_keys(page: Page, shop: Shop) -> None:
    ended = shop.context.access.api_keys.make("an old one", [Scope.READ], by="a person")
    shop.context.access.api_keys.end(ended.key.id, by="a person")
    page.goto("/settings/keys")
    page.get_by_label("Name").fill("the agent's platform")
    page.get_by_label("outcome").check()
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_role("region", name="Key 2 of the agent's platform")).to_contain_text("ock_")


@scene()
def settings_audit(page: Page, shop: Shop) -> None:
    shop.context.access.people.invite("Asha", Role.AGENT, by="a person")
    with shop.db.begin() as tx, audit.acting("Asha", "2001:db8:85a3:8d3:1319:8a2e:370:7348"):
        audit.write(tx, Act.STATUS_SET, f"order {order_id(TOLD)}", **{"from": "Placed", "to": "Success"})
        audit.write(tx, Act.SETTINGS, changed=["KALIMERA_REQUESTS_PER_SECOND", "SHOPIFY_OLD_SHARED_SECRET"])
    page.goto("/settings/audit?who=Asha")


@scene()
def settings_alerts(page: Page, _shop: Shop) -> None:
    page.goto("/settings/alerts")
    expect(page.get_by_role("region", name="Of what")).to_contain_text("No worker is running")


@scene(complaints=("status of 409",))
def first_call_asked_for(page: Page, shop: Shop) -> None:
    shop.context.numbers.add(["+919000000002"], Source.PERSON, by="a person")
    page.goto("/settings/first-call?language=hi")
    page.get_by_label("Your number").fill("+919000000002")
    page.get_by_role("button", name="Look at Kalimera first").click()
    expect(page.get_by_text("This number is on the do-not-call list.")).to_be_visible()


@scene()
def first_call_reported(page: Page, shop: Shop) -> None:
    with trying(shop) as tried:
        tried.kalimera.campaign_lookup = False
        call_id = tried.begin("+919000000002")
        tried.work()
        shop.context.first_calls.agree(call_id)
        tried.work()
    said = {"phone": "+919000000002", "answer": "confirmed", "mood": "a-very-long-word-of-an-agent" * 5}
    shop.client().post("/api/outcomes", json=said, headers=TOKEN)
    page.goto(f"/settings/first-call/{call_id}")
    page.locator(".tl summary").last.click()
    expect(page.get_by_text("What the agent posted back")).to_be_visible()


@scene()
def calls_paused(page: Page, _shop: Shop) -> None:
    pausing(page, _shop)
    page.get_by_role("button", name="Pause all calls").click()
    expect(page.get_by_text("All calls are paused by admin")).to_be_visible()


@scene()
def pausing(page: Page, _shop: Shop) -> None:
    page.goto("/")
    page.locator("summary", has_text="Calls on").click()
    page.get_by_label("Why").fill("The agent says last week’s price.")


@scene(free_rules)
def settings_versions(page: Page, _shop: Shop) -> None:
    settings_draft(page, _shop)
    page.get_by_label("Ring outside 9 to 21 all the same").check()
    page.get_by_role("button", name="Publish as version 2").click()
    page.get_by_role("link", name="Versions").click()
    page.get_by_role("link", name="Go back to version 1").click()
    expect(page.get_by_role("button", name="Publish as version 3")).to_be_visible()


# -- nowhere


@scene(nothing, complaints=("status of 404",))
def no_such_page(page: Page, _shop: Shop) -> None:
    page.goto("/nowhere")
