"""``GET /metrics``: what Prometheus reads, and who else may."""

from __future__ import annotations

import base64
import subprocess
from datetime import timedelta
from shutil import which
from typing import Any

import pytest
from api_calls import ELSEWHERE
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from reporting import report, ring

from ordercall.domain.activity import Event
from ordercall.domain.people import Scope
from ordercall.errors import DatabaseBusy
from ordercall.measures import OTHERS, Counter, Histogram
from ordercall.services.measure_records import MeasureRecords
from ordercall.storage.records import activity, silent_providers
from web_app import Shop

PASSWORD = "a password of sixteen and more signs"

type Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped(shop: Shop, client: FlaskClient | None = None) -> str:
    shop.context.signals.observation.forget()
    answer = (client or shop.client()).get("/metrics")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return answer.text


def samples(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


def refused(shop: Shop, topic: str) -> None:
    """Send a webhook that nobody who knows the secret has signed."""
    headers = {"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": base64.b64encode(b"0" * 32).decode()}
    assert shop.client().post("/shopify/webhook", data=b"{}", headers=headers).status_code == 403


def grown(shop: Shop, before: Samples, name: str, **labels: str) -> float:
    """Return by how much a counter grew: other tests of this process count, too."""
    return value(samples(scraped(shop)), name, **labels) - value(before, name, **labels)


def test_every_family_is_read_by_the_parser_and_says_what_it_is(shop: Shop) -> None:
    shop.receive()

    families = list(text_string_to_metric_families(scraped(shop)))

    assert {family.type for family in families} == {"counter", "gauge", "histogram"}
    assert all(family.documentation for family in families)
    assert len({family.name for family in families}) == len(families)


@pytest.mark.skipif(which("promtool") is None, reason="promtool is in Debian's prometheus")
def test_promtool_has_nothing_against_it(shop: Shop) -> None:
    shop.receive()

    checked = subprocess.run(["promtool", "check", "metrics"], input=scraped(shop), capture_output=True, text=True)

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_a_webhook_is_counted_by_topic_and_result_and_in_one_bucket(shop: Shop) -> None:
    before = samples(scraped(shop))
    shop.receive(1)
    refused(shop, "orders/create")

    grew = grown(shop, before, "ordercall_webhooks_total", topic="orders/create", result="recorded")

    assert grew == 1
    assert grown(shop, before, "ordercall_webhooks_total", topic="orders/create", result="BadSignature") == 1
    assert grown(shop, before, "ordercall_webhook_accept_seconds_count") == 1
    assert grown(shop, before, "ordercall_webhook_accept_seconds_bucket", le="+Inf") == 1
    assert grown(shop, before, "ordercall_commit_seconds_count", what="webhooks") >= 1


def test_a_topic_that_a_stranger_makes_up_makes_no_series(shop: Shop) -> None:
    before = samples(scraped(shop))

    refused(shop, 'made/up"')

    assert "made/up" not in scraped(shop)
    assert grown(shop, before, "ordercall_webhooks_total", topic="other", result="BadSignature") == 1


def test_the_queue_and_the_age_of_its_oldest_are_told_by_kind(shop: Shop) -> None:
    for number in (1, 2, 3):
        shop.receive(number, phone=f"+9198765432{number:02}")

    found = samples(scraped(shop))

    assert value(found, "ordercall_jobs", kind="sync_order", state="ready") == 3
    assert ("ordercall_jobs_oldest_seconds", frozenset({("kind", "sync_order")})) in found
    assert value(found, "ordercall_orders", status="Placed") == 3
    assert value(found, "ordercall_calls", state="planned") == 3


def test_what_happened_is_counted_once_it_surely_is_committed(shop: Shop) -> None:
    scraped(shop)
    before = samples(scraped(shop))
    order = shop.receive()
    with shop.db.begin() as tx:
        activity.record(tx, order, Event.CANCEL_SUCCESS, "Cancelled.", now=shop.now)

    at_once = grown(shop, before, "ordercall_events_total", event=Event.CANCEL_SUCCESS)
    shop.now += timedelta(seconds=11)
    later = grown(shop, before, "ordercall_events_total", event=Event.CANCEL_SUCCESS)
    again = grown(shop, before, "ordercall_events_total", event=Event.CANCEL_SUCCESS)

    assert (at_once, later, again) == (0, 1, 1)


def test_a_provider_that_is_silent_is_down(shop: Shop) -> None:
    with shop.db.begin() as tx:
        silent_providers.begin(tx, "Kalimera", now=shop.now)

    found = samples(scraped(shop))

    assert value(found, "ordercall_provider_up", provider="Kalimera") == 0
    assert value(found, "ordercall_provider_up", provider="Shopify") == 1


def test_what_two_workers_have_measured_is_added_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = Histogram(
        "ordercall_provider_request_seconds", "", ("provider", "operation", "outcome"), bounds=(0.1, 1.0)
    )
    monkeypatch.setattr("ordercall.services.measure_records.OF_WORKERS", (measured,))
    monkeypatch.setattr("ordercall.services.observation.OF_WORKERS", (measured,))
    asked = {"provider": "Kalimera", "operation": "create the contact", "outcome": "answered"}
    for seconds in (0.05, 0.5, 7):
        measured.observe(seconds, *asked.values())
        MeasureRecords(shop.db, lambda: shop.now).keep()

    found = samples(scraped(shop))

    buckets = [
        value(found, "ordercall_provider_request_seconds_bucket", le=le, **asked) for le in ("0.1", "1.0", "+Inf")
    ]
    assert buckets == [1, 2, 3]
    assert value(found, "ordercall_provider_request_seconds_sum", **asked) == pytest.approx(7.55)
    assert any(name == "ordercall_worker_resident_memory_bytes" for name, _ in found)


def test_without_its_database_it_tells_of_the_process_all_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise DatabaseBusy("away")

    monkeypatch.setattr(shop.db, "read", away)

    found = samples(scraped(shop))

    assert value(found, "ordercall_database_up") == 0
    assert ("process_start_time_seconds", frozenset()) in found


def test_an_answer_of_a_customer_is_counted_by_its_meaning(shop: Shop) -> None:
    before = samples(scraped(shop))
    report(shop, shopify_id=ring(shop), connection="connected", completion="completed", answer="refused")

    assert grown(shop, before, "ordercall_answers_total", answer="refused") == 1


def test_whoever_connects_from_this_machine_itself_may_read_it_in_production_and_nobody_who_came_by_a_proxy(
    new_shop: Any,
) -> None:
    shop = new_shop(APP_ENV="production", ADMIN_PASSWORD=PASSWORD)

    here = shop.client().get("/metrics", base_url="http://127.0.0.1:5000")
    by_proxy = [
        shop.client().get("/metrics", base_url="http://127.0.0.1:5000", headers={header: "127.0.0.1"})
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-Ip")
    ]
    elsewhere = shop.client(address=ELSEWHERE).get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})

    assert here.status_code == 200
    assert {answer.status_code for answer in (*by_proxy, elsewhere)} == {401}


@pytest.mark.parametrize(("scope", "status"), [(Scope.READ, 200), (Scope.SYNC, 403)])
def test_a_key_that_may_read_may_read_it_from_anywhere(shop: Shop, scope: Scope, status: int) -> None:
    key = shop.context.access.api_keys.make("prometheus", [scope], by="a test").secret

    answer = shop.client(address=ELSEWHERE).get("/metrics", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == status


def test_one_series_too_many_is_counted_with_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ordercall.measures.MOST_SERIES", 2)
    counter = Counter("a_total", "", ("kind",))
    for kind in ("one", "two", "three", "four"):
        counter.add(kind)

    assert counter.read() == {("one",): 1, ("two",): 1, (OTHERS,): 2}
