"""Which orders a policy means that names gateways: a name is what it says, and only ``*`` stands for anything."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ordercall.domain.characters import is_like
from ordercall.domain.orders.payment import in_one_text, is_paid_by
from ordercall.domain.policy.document import read_document, read_toml, write_toml
from ordercall.domain.reports.words import Rule
from properties import always

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def named(name: str, *labels: str) -> bool:
    return is_paid_by(in_one_text(labels), (name,))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("cash [ ] later", "Cash [ ] later"),
        ("COD?", "cod?"),
        ("Cash, card or UPI", "Cash, card or UPI"),
        ("cash,card", "Cash,card"),
        ("Cash,  card", "cash, card"),
        (" cash   on delivery ", "Cash on Delivery"),
        ("Cash\u00a0on delivery", "Cash on Delivery"),
        ("[!a]", "[!a]"),
        ("GROSS", "groß"),
        ("cafe\u0301", "Café"),
        ("*cash*", "Pay with cash, or card"),
        ("cash*card", "Cash, or card"),
        ("*", "anything"),
        ("5 * stars", "5 bright stars"),
    ],
)
def test_a_gateway_is_known_by_its_name(name: str, label: str) -> None:
    assert named(name, label)
    assert named(name, "razorpay", label, "gift_card")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("cod?", "codx"),
        ("[abc]", "a"),
        ("cash[ ]later", "cash later"),
        ("Cash", "Cash, card or UPI"),
        ("card or UPI", "Cash, card or UPI"),
        ("ab*ba", "aba"),
        ("a*b*c", "acb"),
    ],
)
def test_another_gateway_is_not_taken_for_it(name: str, label: str) -> None:
    assert not named(name, label)


def test_two_gateways_are_not_one_with_a_comma() -> None:
    assert not named("Cash, card", "Cash", "card")
    assert not named("Cash*card", "Cash", "card")


@pytest.mark.parametrize("name", ["Cash, card", 'quo"te \\ [x]?', "#COD = ]", "कैश", "Cash,\u00a0card", "'''", "क्‍ष"])
def test_every_name_can_be_written_in_toml_and_is_read_back(name: str) -> None:
    policy = read_document({"who": {"gateways": [name]}}, NOW)

    assert read_toml(write_toml(policy, {}), NOW) == policy
    assert read_document({"who": {"gateways": [name]}}, NOW).who.gateways == (name,)


def test_a_word_of_an_agent_is_no_pattern_but_for_its_star() -> None:
    assert [Rule("end", "ok?", "answer").rank(word) for word in ("ok?", "okx")] == [2, -1]
    assert [Rule("end", "[no]*", "answer").rank(word) for word in ("[no]_thanks", "n", "nothing")] == [1, -1, -1]


@always
@given(some.text("ab*", max_size=8), some.text("ab", max_size=10))
def test_a_star_stands_for_anything_wherever_it_stands(pattern: str, text: str) -> None:
    as_expression = ".*".join(map(re.escape, pattern.split("*")))

    assert is_like(text, pattern) is bool(re.fullmatch(as_expression, text))
