"""The address of a call: what is read of it, what is the same place, and when Shopify may be asked for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordercall.domain.characters import is_kept
from ordercall.domain.orders.order import Fulfilment, OrderFacts
from ordercall.domain.places.addresses import (
    FOR_A_PERSON,
    FURTHER,
    LONGEST_PART,
    OPEN,
    PARTS,
    TRANSITIONS,
    UNDER_WAY,
    Address,
    Shown,
    State,
    Step,
    differences,
    fingerprint,
    first_and_last,
    is_news,
    missing,
    next_step,
    of_order,
    once_shown,
    proposed,
    read_said,
    warning,
)
from properties import always

HOME = Address(address1="21 Ring Road", address2="Flat 4", city="Surat", province="GJ", zip="395002")
NEW = Address(address1="7 Corrected Street", city="Kochi", province="KL", zip="682031")
ORDER = OrderFacts(
    shopify_id=1,
    first_name="Meera",
    last_name="Nair",
    customer_phone="+919876543210",
    address="21 Ring Road",
    address2="Flat 4",
    city="Surat",
    state="Gujarat",
    province_code="GJ",
    zip="395002",
    country="IN",
)

words = st.text(max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=600),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
keys = words | st.sampled_from([*PARTS, "lines", "pincode", "State", "line1", "text", "landmark"])
few = st.sampled_from(["", "Surat", "surat ", "Kochi"])
places = st.builds(
    Address,
    address1=few,
    city=few,
    province=st.sampled_from(["GJ", "KL", "TG", "TS"]),
    zip=st.sampled_from(["395002", "395 002", "682031"]),
)
shown = st.none() | st.builds(
    Shown,
    place=places,
    is_cancelled=st.booleans(),
    fulfilment=st.sampled_from(Fulfilment),
    is_packed=st.booleans(),
)


# -- what was said


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ({"address1": "7 Street", "pincode": 682031}, {"address1": "7 Street", "zip": "682031"}),
        ({"lines": ["7 Street", "Flat 3", "2nd floor"]}, {"address1": "7 Street", "address2": "Flat 3, 2nd floor"}),
        ({"lines": ["7 Street"]}, {"address1": "7 Street"}),
        ({"line1": "7 Street", "State": "Kerala"}, {"address1": "7 Street", "province": "Kerala"}),
        ({"text": "7 Street, Kochi"}, {FURTHER: "7 Street, Kochi"}),
        ({"landmark": "behind the temple"}, {FURTHER: "landmark: behind the temple"}),
        ({"zip": "682031", "pin": "682032"}, {"zip": "682031", FURTHER: "pin: 682032"}),
        ({"city": "Ko\u202echi\n\x00 "}, {"city": "Ko chi"}),
        ({"city": None, "zip": True, "address1": {"line": "7"}}, {}),
    ],
)
def test_an_address_is_read_as_it_was_said(address: dict[str, Any], said: dict[str, str]) -> None:
    assert read_said(address) == said


@always
@given(address=st.dictionaries(keys, values, max_size=20))
def test_whatever_is_said_is_short_and_holds_no_control_character(address: dict[str, Any]) -> None:
    said = read_said(address)
    further = said.pop(FURTHER, "").splitlines()

    assert said.keys() <= set(PARTS)
    for text in (*said.values(), *further):
        assert 0 < len(text) <= LONGEST_PART
        assert all(map(is_kept, text))


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ({}, {}),
        ({"zip": "395003"}, {"zip": "395003"}),
        ({"address1": "7 Street"}, {"address1": "7 Street", "address2": ""}),
        ({"address1": "21 ring road"}, {"address1": "21 ring road"}),
        ({"address2": "Flat 9"}, {"address2": "Flat 9"}),
    ],
)
def test_what_was_not_said_stays(said: dict[str, str], changes: dict[str, str]) -> None:
    assert proposed(said, HOME) == replace(HOME, **changes)


@pytest.mark.parametrize("state", ["Kerala", "kerala", "KL", "केरल", "Keralam"])
def test_a_state_is_known_by_its_code_and_in_every_spelling(state: str) -> None:
    assert proposed({"province": state}, HOME).province == "KL"


def test_a_state_that_nobody_knows_leaves_the_old_one_for_a_person_to_choose() -> None:
    assert proposed({"province": "Atlantis"}, HOME).province == "GJ"


@pytest.mark.parametrize(
    ("said", "news"),
    [
        ({"address1": "21  ring road.", "zip": "395 002"}, False),
        ({"address1": "21 Ring Road", "address2": "Flat 9"}, True),
        ({"name": "meera nair"}, False),
        ({"name": "Lakshmi Nair"}, True),
        ({"phone": "98765 43210"}, False),
        ({"phone": "+919999900001"}, True),
        ({FURTHER: "landmark: behind the temple"}, True),
        ({"zip": "395003"}, True),
        ({"province": "गुजरात", "city": "SURAT"}, False),
    ],
)
def test_only_what_the_order_has_not_is_news(said: dict[str, str], news: bool) -> None:
    assert is_news(said, ORDER) is news


# -- the same place


@always
@given(one=places, other=places)
def test_places_are_the_same_or_differ_in_something_and_have_fingerprints_accordingly(
    one: Address, other: Address
) -> None:
    assert one.is_at(one)
    assert one.is_at(other) is other.is_at(one) is (fingerprint(one) == fingerprint(other))
    assert differences(one, other) == differences(other, one)


def test_an_order_of_another_country_keeps_its_codes() -> None:
    abroad = OrderFacts(shopify_id=1, address="1 High Street", city="Leeds", zip="LS1 4AP", country="GB")

    place = of_order(abroad)

    assert (place.country, place.province, warning(place)) == ("GB", "", None)
    assert proposed({"zip": "LS1 4AQ"}, place).zip == "LS1 4AQ"


@pytest.mark.parametrize("heard", ["682 031", "682-031", "६८२०३१", "൬൮൨ ൦൩൧"])
def test_a_pin_code_is_proposed_in_six_digits_however_it_was_written_down(heard: str) -> None:
    assert proposed({"zip": heard}, HOME).zip == "682031"


@pytest.mark.parametrize(
    ("named", "code"),
    [
        *[("India", "IN"), ("भारत", "IN"), ("in", "IN"), ("Republic of India", "IN"), ("gb", "GB"), ("U.A.E.", "AE")],
        *[("United Arab Emirates", "AE"), ("USA", "US"), ("संयुक्त राज्य", "US"), ("Nepal", "NP"), ("🇮🇳", "IN")],
        *[("Atlantis", "Atlantis"), ("XX", "XX"), ("Kochi, Kerala", "Kochi, Kerala")],
    ],
)
def test_a_country_is_known_by_its_code_and_by_its_names(named: str, code: str) -> None:
    assert proposed({"country": named}, HOME).country == code


@pytest.mark.parametrize("country", ["", "Atlantis", "XX", "12"])
def test_a_country_that_shopify_has_no_code_for_is_missing(country: str) -> None:
    assert missing(replace(NEW, country=country)) == ["the country"]


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("12 Café Road", "12 Cafe\u0301 Road"),
        ("ज़ोन 5", "ज\u093cोन 5"),
        ("१२ Ring Road", "१२ ring  road."),
        ("１２ Ring Road", "12 Ring Road"),
        ("Ｒing Road, 4", "Ring Road 4"),
    ],
)
def test_letters_are_the_same_however_they_are_composed(written: str, other: str) -> None:
    assert replace(NEW, address1=written).is_at(replace(NEW, address1=other))


def test_an_order_without_an_address_is_where_shopify_shows_none_and_gets_one_in_india() -> None:
    nowhere = of_order(OrderFacts(shopify_id=1))

    assert nowhere.is_at(Address(country=""))
    assert proposed({"address1": "7 Street"}, nowhere).country == "IN"


def test_what_no_parcel_finds_lacks_something() -> None:
    assert missing(Address(city="Kochi", country="")) == ["the first line", "the PIN code", "the country"]


@pytest.mark.parametrize(
    ("name", "parts"), [("Lakshmi", ("", "Lakshmi")), ("Meera Devi Nair", ("Meera Devi", "Nair")), ("", ("", ""))]
)
def test_a_name_ends_with_the_last_name(name: str, parts: tuple[str, str]) -> None:
    assert first_and_last(name) == parts


# -- what Shopify may be asked for


@always
@given(wanted=places, before=places, seen=shown)
def test_nothing_is_sent_to_what_has_left_was_cancelled_or_changed(
    wanted: Address, before: Address, seen: Shown | None
) -> None:
    step, why = next_step(wanted, before, seen)

    if step is Step.SEND:
        assert seen is not None
        assert not any((seen.is_cancelled, seen.is_packed, seen.fulfilment.has_left))
        assert seen.place.is_at(before)
        assert not seen.place.is_at(wanted)
    if step is Step.SEEN:
        assert seen is not None
        assert seen.place.is_at(wanted)
    assert bool(why) is (step is Step.REFUSE)


@pytest.mark.parametrize(
    ("fulfilment", "said"),
    [(Fulfilment.ALL, "All of it has shipped"), (Fulfilment.PART, "A part of it has shipped")],
)
def test_it_says_whether_all_of_it_has_shipped_or_a_part(fulfilment: Fulfilment, said: str) -> None:
    step, why = next_step(NEW, HOME, Shown(place=HOME, fulfilment=fulfilment))

    assert (step, why.startswith(said)) == (Step.REFUSE, True)


def test_a_name_alone_is_sent_once() -> None:
    wanted = Address(name="Lakshmi", address1="7", city="Kochi")
    before, after = Address(name="Meera", address1="7", city="Kochi"), wanted

    assert next_step(wanted, before, Shown(place=before)) == (Step.SEND, "")
    assert next_step(wanted, before, Shown(place=after)) == (Step.SEEN, "")


# -- the states


def test_every_open_address_has_a_way_to_its_end_by_a_person() -> None:
    for state in OPEN:
        assert State.REJECTED in TRANSITIONS[state]
        assert State.SEEN in TRANSITIONS[state]
    assert [state for state in State if not TRANSITIONS[state]] == [State.SEEN, State.REJECTED, State.REPLACED]


@always
@given(state=st.sampled_from(sorted(OPEN)), place=places, before=places, after=places, news=st.booleans())
def test_what_is_shown_moves_an_address_only_where_it_may_go(
    state: State, place: Address, before: Address, after: Address, news: bool
) -> None:
    approved = state in UNDER_WAY
    found = once_shown(
        state, place, before=before if approved else None, after=after if approved else None, is_news=news
    )

    assert found is None or found in TRANSITIONS[state]
    if found is State.SEEN:
        assert place.is_at(after) if approved else not news
    if found is State.CHANGED:
        assert state is State.SENT
        assert not place.is_at(before)
    if state in FOR_A_PERSON:
        assert (found is State.SEEN) is not news
