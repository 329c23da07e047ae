"""Headers as proxies and forwarders write them: doubled, joined, folded, in another case. Only the body is signed."""

from __future__ import annotations

import base64
import json

import pytest
from receiving import Shop

from makers import make_body, make_headers
from ordercall.domain.topics import Topic, usual_topic
from ordercall.providers.shopify.order_body import XML

BODY = make_body()
Headers = list[tuple[str, str]]


def with_value(ending: str, value: str) -> Headers:
    return [(name, value.format(own) if name.lower().endswith(ending) else own) for name, own in make_headers(BODY)]


def outcome(shop: Shop, headers: Headers) -> object:
    answer = shop.reception.answer(headers, BODY)
    return answer.body.get("outcome", answer.status)


@pytest.mark.parametrize(
    "written",
    [
        *("{}, {}", "{},{}", " {} ", "\t{}", "{} ,", ", {}", "{}, {}, {}", "{}\r\n ", "{}\x00"),
        *("\ufeff{}", "{}\u200b", "\udce9{}"),
    ],
    ids=ascii,
)
@pytest.mark.parametrize("ending", ["topic", "hmac-sha256", "webhook-id", "shop-domain", "api-version"])
def test_a_header_that_came_joined_or_with_strange_signs_is_the_one_that_was_sent(
    shop: Shop, ending: str, written: str
) -> None:
    assert outcome(shop, with_value(ending, written.replace("{}", "{0}"))) == "recorded"


@pytest.mark.parametrize("topic", ["Orders/Create", "ORDERS/CREATE", "ORDERS_CREATE", "orders_create"])
def test_a_topic_in_another_spelling_is_that_topic(shop: Shop, topic: str) -> None:
    assert outcome(shop, with_value("topic", topic)) == "recorded"
    assert shop.rows("SELECT topic FROM deliveries") == [("orders/create",)]


@pytest.mark.parametrize("topic", ["orders/create, orders/delete", "order/create", "ordersxcreate", "checkouts/create"])
def test_a_topic_that_is_none_of_ours_is_none(shop: Shop, topic: str) -> None:
    assert outcome(shop, with_value("topic", topic)) == "unused"


@pytest.mark.parametrize("topic", Topic)
def test_every_topic_is_its_own_usual_spelling(topic: Topic) -> None:
    assert {usual_topic(each) for each in (topic, topic.upper(), topic.replace("/", "_").upper())} == {topic}


@pytest.mark.parametrize(
    "name", ["X-Shopify-Topic", "x-shopify-hmac-sha256", "SHOPIFY-HMAC-SHA256", "shopify-shop-domain"]
)
@pytest.mark.parametrize("empty", ["", " ", "\t", ","])
def test_an_empty_copy_of_a_header_hides_no_full_one(shop: Shop, name: str, empty: str) -> None:
    assert outcome(shop, [(name, empty), *make_headers(BODY)]) == "recorded"


def test_the_first_of_two_headers_counts(shop: Shop) -> None:
    outcome(shop, [*make_headers(BODY), ("X-Shopify-Topic", "orders/delete"), ("shopify-topic", "orders/paid")])

    assert shop.rows("SELECT topic FROM deliveries") == [("orders/create",)]


@pytest.mark.parametrize("name", ["X_Shopify_Topic", "X-Shopify_Topic", "HTTP_X_SHOPIFY_TOPIC", "XShopify-Topic"])
def test_a_copy_under_another_name_is_no_header_of_shopifys(shop: Shop, name: str) -> None:
    outcome(shop, [(name, "orders/delete"), *make_headers(BODY)])

    assert shop.rows("SELECT topic FROM deliveries") == [("orders/create",)]


@pytest.mark.parametrize(
    "signature",
    ["", "{0}x", "{0}, AAAA", "AAAA, {0}", "Bearer {0}", base64.b64encode(bytes(32)).decode(), "{0}={0}"],
)
def test_a_signature_with_something_else_beside_it_is_none(shop: Shop, signature: str) -> None:
    assert outcome(shop, with_value("hmac-sha256", signature)) == 403
    assert shop.count("deliveries") == 0


@pytest.mark.parametrize(
    "domain",
    [
        *("shop.myshopify.com.", "https://shop.myshopify.com", "https://shop.myshopify.com/", "shop.myshopify.com:443"),
        *("HTTP://Shop.MyShopify.com/admin", "shop.myshopify.com, shop.myshopify.com", "shop.", "shop:443"),
    ],
)
def test_our_shop_is_known_by_its_address_too(shop: Shop, domain: str) -> None:
    assert outcome(shop, with_value("shop-domain", domain)) == "recorded"


@pytest.mark.parametrize(
    "domain",
    [
        *("https://dev.myshopify.com", "shop.myshopify.com, dev.myshopify.com", "shop.myshopify.com.evil.example"),
        *("dev.myshopify.com/shop.myshopify.com", "https://", "shop@dev.myshopify.com", "myshopify.com", "..", "/shop"),
    ],
)
def test_another_shop_is_another_however_its_address_is_written(shop: Shop, domain: str) -> None:
    assert outcome(shop, with_value("shop-domain", domain)) == "unused"


ELEMENT = '<?xml version="1.0" encoding="UTF-8"?><order><id type="integer">42</id></order>'
IN_XML = [
    *(ELEMENT.encode(), b"\n " + ELEMENT.encode(), b"\xef\xbb\xbf" + ELEMENT.encode(), b"<order/>"),
    *(ELEMENT.encode(encoding) for encoding in ("utf-16", "utf-16-le", "utf-16-be")),
]


@pytest.mark.parametrize("topic", ["orders/create", "refunds/create", "orders/delete", "app/uninstalled"])
@pytest.mark.parametrize("body", IN_XML)
def test_a_body_in_xml_is_kept_with_what_to_do_under_every_topic(shop: Shop, topic: str, body: bytes) -> None:
    assert shop.outcome_of(body, topic=topic) == "unreadable"
    assert shop.rows("SELECT reason FROM deliveries") == [(XML,)]


NO_ORDER = [
    *(
        b"payload=" + BODY,
        b"[" + BODY + b"]",
        json.dumps(BODY.decode()).encode(),
        BODY + b"\n" + BODY,
        b"cb(%s)" % BODY,
    ),
    *(b"id,name\n42,x", b"id: 42", b"\xa1bid\x18*", b"null", b"  \n", BODY + b"\x00", base64.b64encode(BODY)),
    *(BODY.decode().encode("utf-16"), BODY.decode().encode("utf-32"), json.dumps({"order": json.loads(BODY)}).encode()),
    *(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + BODY + b"\r\n--x--", b"{'id': 42}", b"/**/" + BODY),
]


@pytest.mark.parametrize("body", NO_ORDER, ids=range(len(NO_ORDER)))
def test_a_signed_body_of_another_form_is_kept_for_a_person_and_is_no_order(shop: Shop, body: bytes) -> None:
    assert shop.outcome_of(body) == "unreadable"
    assert shop.count("orders") == 0
