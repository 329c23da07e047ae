"""The fake shop answers GraphQL as the Admin API of 2026-10 does."""

from __future__ import annotations

import pytest
from playing import http
from shop_talk import CANCEL, ask, graphql, order_gid, orders

from ordercall.sandbox.orders import make_order

READ = "query($id: ID!) { order(id: $id) { name cancelledAt cancelReason displayFulfillmentStatus tags } }"
PAGE = """
query($first: Int!, $after: String, $query: String) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { name }
    pageInfo { hasNextPage endCursor }
  }
}
"""
JOB = "query($id: ID!) { node(id: $id) { ... on OrderCancelJobResult { done status order { cancelledAt } } } }"


@pytest.fixture
def order(shopify):
    order = make_order(1001, tags="vip, cod")
    shopify.add(order)
    return order


def test_an_order_is_read_with_what_intake_needs(to_shopify, order):
    read = ask(
        to_shopify,
        """query($id: ID!) { order(id: $id) {
            legacyResourceId name test phone email currencyCode paymentGatewayNames displayFinancialStatus
            totalPriceSet { shopMoney { amount currencyCode } } customer { firstName lastName }
            shippingAddress { address1 city province countryCodeV2 phone }
            lineItems(first: 5) { nodes { title quantity } } } }""",
        id=order_gid(order),
    )

    line, address, customer = order["line_items"][0], order["shipping_address"], order["customer"]
    assert read == {
        "legacyResourceId": str(order["id"]),
        "name": "#1001",
        "test": False,
        "phone": order["phone"],
        "email": order["email"],
        "currencyCode": "INR",
        "paymentGatewayNames": order["payment_gateway_names"],
        "displayFinancialStatus": "PENDING",
        "totalPriceSet": {"shopMoney": {"amount": order["total_price"], "currencyCode": "INR"}},
        "customer": {"firstName": customer["first_name"], "lastName": customer["last_name"]},
        "shippingAddress": {
            "address1": address["address1"],
            "city": address["city"],
            "province": address["province"],
            "countryCodeV2": "IN",
            "phone": address["phone"],
        },
        "lineItems": {"nodes": [{"title": line["title"], "quantity": line["quantity"]}]},
    }


def test_an_unknown_order_is_null(to_shopify):
    assert ask(to_shopify, READ, id="gid://shopify/Order/5") is None


def test_orders_come_in_pages_by_the_time_of_their_change(to_shopify, shopify, clock):
    for each in reversed(orders(clock, 5)):
        shopify.add(each)

    first = ask(to_shopify, PAGE, first=3)
    second = ask(to_shopify, PAGE, first=3, after=first["pageInfo"]["endCursor"])

    assert [node["name"] for node in first["nodes"]] == ["#1001", "#1002", "#1003"]
    assert [node["name"] for node in second["nodes"]] == ["#1004", "#1005"]
    assert [first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]] == [True, False]


def test_an_order_that_changes_while_pages_are_read_is_not_skipped(to_shopify, shopify, clock):
    placed = orders(clock, 4)
    for each in placed:
        shopify.add(each)

    first = ask(to_shopify, PAGE, first=2, query="status:any")
    shopify.cancel(placed[0]["id"])
    second = ask(to_shopify, PAGE, first=5, after=first["pageInfo"]["endCursor"], query="status:any")

    assert [node["name"] for node in second["nodes"]] == ["#1003", "#1004", "#1001"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("updated_at:>='{at}'", ["#1002", "#1003"]),
        ("updated_at:>'{at}'", ["#1003"]),
        ("updated_at:>={at} AND updated_at:<='{at}'", ["#1002"]),
        ('created_at:<"{at}" status:any', ["#1001"]),
        ("name:1003", ["#1003"]),
        ("", ["#1001", "#1002", "#1003"]),
    ],
)
def test_orders_are_found_by_a_query(to_shopify, shopify, clock, query, names):
    placed = orders(clock, 3)
    for each in placed:
        shopify.add(each)

    found = ask(to_shopify, PAGE, first=10, query=query.format(at=placed[1]["updated_at"]))

    assert [node["name"] for node in found["nodes"]] == names


def test_only_open_orders_are_found_where_no_status_is_asked_for(to_shopify, shopify, clock):
    for each in orders(clock, 2):
        shopify.add(each)
    shopify.cancel(each["id"])

    open_ones, all_of_them = (ask(to_shopify, PAGE, first=10, query=query) for query in ("", "status:any"))

    assert [node["name"] for node in open_ones["nodes"]] == ["#1001"]
    assert len(all_of_them["nodes"]) == 2


@pytest.mark.parametrize("query", ["colour:red", "updated_at:>yesterday", "what ever", "status:lost"])
def test_a_query_that_cannot_be_read_is_an_error(to_shopify, query):
    [error] = graphql(to_shopify, PAGE, first=10, query=query)["errors"]

    assert error["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("changes", [{"first": 0}, {"first": 251}, {"first": 5, "after": "nonsense"}])
def test_a_page_that_does_not_exist_is_an_error(to_shopify, changes):
    assert graphql(to_shopify, PAGE.replace("nodes { name }", ""), **changes)["errors"]


def test_orders_older_than_60_days_are_seen_with_read_all_orders_only(to_shopify, page, running, shopify, clock):
    old = make_order(1001, created_at=clock.minutes_ago(61 * 24 * 60))
    shopify.add(old)
    granted = shopify.tokens.grant(shopify.tokens.client_id, shopify.tokens.client_secrets[0])

    with http(f"{running.url}/shopify/admin/api/2026-10", **{"X-Shopify-Access-Token": granted}) as app:
        assert ask(app, READ, id=order_gid(old)) is None
        assert ask(app, PAGE, first=5)["nodes"] == []
        assert app.get(f"/orders/{old['id']}.json").status_code == 404
    assert ask(to_shopify, READ, id=order_gid(old))["name"] == "#1001"


def test_a_cancellation_is_a_job_that_ends_some_calls_later(to_shopify, shopify, order):
    begun = ask(to_shopify, CANCEL, id=order_gid(order))
    results = [ask(to_shopify, JOB, id=begun["jobResult"]["id"]) for _ in range(2)]

    assert begun["orderCancelUserErrors"] == []
    assert (begun["job"]["done"], begun["jobResult"]["status"]) == (False, "STARTED")
    assert [(each["status"], each["order"]["cancelledAt"] is not None) for each in results] == [
        ("STARTED", False),
        ("SUCCEEDED", True),
    ]
    assert shopify.cancellations == [order["id"]]


def test_the_plain_job_says_only_whether_it_is_done(to_shopify, order):
    job_id = ask(to_shopify, CANCEL, id=order_gid(order))["job"]["id"]

    done = [ask(to_shopify, "query($id: ID!) { job(id: $id) { done } }", id=job_id)["done"] for _ in range(2)]

    assert done == [False, True]


def test_a_cancelled_order_keeps_what_was_ordered(to_shopify, shopify, order):
    shopify.jobs.ticks = 0

    ask(to_shopify, CANCEL, id=order_gid(order))

    after = shopify.order(order["id"])
    assert (after["cancel_reason"], after["financial_status"]) == ("customer", "voided")
    assert (after["total_price"], after["current_total_price"]) == (order["total_price"], "0.00")
    assert after["line_items"][0]["current_quantity"] == 0


@pytest.mark.parametrize(
    ("before", "code", "message"),
    [
        ("cancelled", "INVALID", "Order has already been canceled"),
        ("shipped", "INVALID", "Cannot cancel an order that has fulfillments"),
        ("being cancelled", "INVALID", "Order is already being canceled"),
        ("unknown", "NOT_FOUND", "Order does not exist"),
    ],
)
def test_what_cannot_be_cancelled_is_a_user_error(to_shopify, shopify, order, before, code, message):
    prepare = {
        "cancelled": lambda: shopify.cancel(order["id"]),
        "shipped": lambda: shopify.ship(order["id"]),
        "being cancelled": lambda: ask(to_shopify, CANCEL.replace("jobResult { id done status }", ""), id=gid),
        "unknown": lambda: None,
    }
    gid = order_gid(order) if before != "unknown" else "gid://shopify/Order/7"
    shopify.jobs.ticks = 9
    prepare[before]()

    refused = ask(to_shopify, CANCEL, id=gid)

    assert refused["job"] is None
    assert refused["orderCancelUserErrors"] == [{"field": ["orderId"], "message": message, "code": code}]


def test_a_job_can_fail_and_leaves_the_order_as_it_is(to_shopify, shopify, order):
    shopify.jobs.fail_next, shopify.jobs.ticks = 1, 1

    result_id = ask(to_shopify, CANCEL, id=order_gid(order))["jobResult"]["id"]

    assert ask(to_shopify, JOB, id=result_id) == {"done": True, "status": "FAILED", "order": {"cancelledAt": None}}


def test_an_order_that_was_shipped_meanwhile_is_not_cancelled(to_shopify, shopify, order):
    result_id = ask(to_shopify, CANCEL, id=order_gid(order))["jobResult"]["id"]
    shopify.ship(order["id"])

    assert [ask(to_shopify, JOB, id=result_id)["status"] for _ in range(2)] == ["STARTED", "FAILED"]
    assert shopify.cancellations == []


def test_tags_are_added_and_the_others_stay(to_shopify, order):
    tag = (
        "mutation($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { node { id } userErrors { message } } }"
    )
    added = ask(to_shopify, tag, id=order_gid(order), tags=["Ordercall: confirmed", "VIP"])
    missing = ask(to_shopify, tag, id="gid://shopify/Order/7", tags=["a"])

    assert added == {"node": {"id": order_gid(order)}, "userErrors": []}
    assert ask(to_shopify, READ, id=order_gid(order))["tags"] == ["Ordercall: confirmed", "cod", "vip"]
    assert missing == {"node": None, "userErrors": [{"message": "Order does not exist"}]}


def test_a_tag_that_is_there_already_changes_nothing(to_shopify, shopify, clock, order):
    clock.forward(minutes=5)

    ask(to_shopify, 'mutation($id: ID!) { tagsAdd(id: $id, tags: ["cod"]) { node { id } } }', id=order_gid(order))

    assert shopify.order(order["id"])["updated_at"] == order["updated_at"]


def subscribe(to_shopify, topic="ORDERS_CREATE", uri="https://shop.example.com/shopify/webhook"):
    mutation = """mutation($topic: WebhookSubscriptionTopic!, $uri: String!) {
        webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri}) {
            webhookSubscription { id topic uri } userErrors { field message } } }"""
    return graphql(to_shopify, mutation, topic=topic, uri=uri)


def test_a_subscription_is_made_and_listed(to_shopify):
    made = subscribe(to_shopify)["data"]["webhookSubscriptionCreate"]["webhookSubscription"]

    listed = ask(to_shopify, "{ webhookSubscriptions(first: 10) { nodes { id topic uri } } }")
    assert listed["nodes"] == [made]
    assert (made["topic"], made["uri"]) == ("ORDERS_CREATE", "https://shop.example.com/shopify/webhook")


@pytest.mark.parametrize("topic", ["ORDERS_LOST", "SHOP_REDACT"])
def test_a_topic_that_an_app_cannot_subscribe_to_is_refused(to_shopify, topic):
    assert subscribe(to_shopify, topic)["errors"]


def test_webhooks_are_not_sent_without_tls_nor_twice_to_one_address(to_shopify):
    subscribe(to_shopify)

    refused = [subscribe(to_shopify), subscribe(to_shopify, uri="http://shop.example.com")]

    assert [each["data"]["webhookSubscriptionCreate"]["userErrors"][0]["message"] for each in refused] == [
        "Address for this topic has already been taken",
        "Address protocol http:// is not supported",
    ]


@pytest.mark.parametrize(
    ("question", "message", "code"),
    [
        ("{ shop { secret } }", "Field 'secret' doesn't exist on type 'Shop'", "undefinedField"),
        ("{ order(id: 1, no: 2) { id } }", "Field 'order' doesn't accept argument 'no'", "argumentNotAccepted"),
        ("{ order { id } }", "Field 'order' is missing required arguments: id", "missingRequiredArguments"),
        ('{ order(id: "5") { id } }', "Invalid global id '5'", "argumentLiteralsIncompatible"),
    ],
)
def test_what_the_schema_does_not_hold_is_refused_in_shopifys_words(to_shopify, question, message, code):
    [error] = graphql(to_shopify, question)["errors"]

    assert (error["message"], error["extensions"]["code"]) == (message, code)


@pytest.mark.parametrize(
    "question", ["{ order(id", "query($id: ID!) { order(id: $id) { id } }", "fragment a on Shop { id }"]
)
def test_a_question_that_cannot_be_read_gets_errors_and_no_data(to_shopify, question):
    answer = graphql(to_shopify, question)

    assert answer["errors"]
    assert answer.get("data") is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"query": 5}'])
def test_a_body_without_a_question_is_refused(to_shopify, body):
    answer = to_shopify.post("/graphql.json", content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()) == (400, {"errors": {"query": "Required parameter missing or invalid"}})


def test_an_older_version_does_not_have_what_came_later(page, shopify, order):
    answer = page.post(
        "/shopify/admin/api/2026-07/graphql.json",
        json={"query": CANCEL, "variables": {"id": order_gid(order)}},
        headers={"X-Shopify-Access-Token": shopify.token},
    )

    assert answer.json()["errors"][0]["message"] == "Field 'jobResult' doesn't exist on type 'OrderCancelPayload'"


def test_an_answer_reports_its_cost(to_shopify, shopify, clock):
    for each in orders(clock, 3):
        shopify.add(each)

    cost = graphql(to_shopify, "{ orders(first: 50) { nodes { id shippingAddress { city } } } }")["extensions"]["cost"]

    assert cost == {
        "requestedQueryCost": 100,
        "actualQueryCost": 6,
        "throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 1994, "restoreRate": 100.0},
    }


def test_a_mutation_costs_ten_points(to_shopify, order):
    cost = graphql(to_shopify, CANCEL, id=order_gid(order))["extensions"]["cost"]

    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (10, 10)


def test_an_empty_bucket_throttles_with_status_200_until_it_fills_again(to_shopify, shopify, clock):
    question = "{ orders(first: 50) { nodes { id } } }"
    shopify.graphql_bucket.take(1_980)

    throttled = graphql(to_shopify, question)
    clock.forward(seconds=0.3)

    [error] = throttled["errors"]
    assert (error["message"], error["extensions"]["code"]) == ("Throttled", "THROTTLED")
    assert throttled["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 20
    assert throttled["extensions"]["cost"]["actualQueryCost"] is None
    assert ask(to_shopify, question) == {"nodes": []}


def test_a_single_question_may_not_cost_more_than_a_thousand(to_shopify):
    [error] = graphql(
        to_shopify,
        "{ orders(first: 250) { nodes { customer { firstName } shippingAddress { city } "
        "billingAddress { city } totalPriceSet { shopMoney { amount } } } } }",
    )["errors"]

    assert error["extensions"] == {"code": "MAX_COST_EXCEEDED", "cost": 1500, "maxCost": 1000}
