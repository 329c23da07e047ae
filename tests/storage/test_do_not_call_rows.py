"""The numbers that must not be called, as hashes under keys that may change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from ordercall.domain.do_not_call import NumberKeys, Source, Why, the_number
from ordercall.storage.engine.database import Database
from ordercall.storage.records import do_not_call
from ordercall.storage.tables import do_not_call as table
from properties import few

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
PHONE, OTHER = "+919876543210", "+919876543211"
OLD, NEW = NumberKeys.of(["an old secret"]), NumberKeys.of(["a new secret", "an old secret"])
ENDS = [None, *(NOW + timedelta(days=days) for days in (1, 2, 3))]


@pytest.fixture
def tx(module_database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone, so that each test finds the list empty."""
    with module_database.engine.connect() as tx:
        yield tx


@pytest.fixture(scope="module")
def database(module_database: Database) -> Database:
    return module_database


def add(tx: Connection, keys: NumberKeys, *phones: str, ends_at: datetime | None = None) -> list[str]:
    return do_not_call.add(tx, keys, phones, Source.API, by="API", ends_at=ends_at, why=Why.ASKED, now=NOW)


def look_up(tx: Connection, keys: NumberKeys, *phones: str | None, now: datetime = NOW) -> tuple[set[str], bool]:
    return set(do_not_call.among(tx, keys, phones, now=now)), do_not_call.any_lost(tx, keys)


def test_of_many_phones_those_on_the_list_are_found(tx: Connection) -> None:
    phones = [f"+91987654{number:04}" for number in range(1_200)]
    add(tx, NEW, *phones[::2])

    assert look_up(tx, NEW, *phones, None) == (set(phones[::2]), False)


def test_a_number_is_found_under_the_secret_before_a_change(tx: Connection) -> None:
    add(tx, OLD, PHONE)

    assert look_up(tx, NEW, PHONE, OTHER) == ({PHONE}, False)
    assert add(tx, NEW, PHONE) == []


def test_a_list_under_a_secret_that_is_gone_is_not_taken_for_an_empty_one(tx: Connection) -> None:
    add(tx, OLD, PHONE)

    assert look_up(tx, NumberKeys.of(["a new secret"]), PHONE) == (set(), True)
    assert look_up(tx, NumberKeys.of(["a new secret"])) == (set(), True)
    assert look_up(tx, OLD) == (set(), False)


@few(40)
@given(known=st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True), other=st.text(min_size=1))
def test_one_entry_under_another_key_is_noticed_whatever_the_keys_are(
    database: Database, known: list[str], other: str
) -> None:
    with database.engine.connect() as tx:
        for secret in known:
            add(tx, NumberKeys.of([secret]), f"+91987654{known.index(secret):04}")
        add(tx, NumberKeys.of([other]), OTHER)

        assert look_up(tx, NumberKeys.of(known))[1] is (other not in known)


@few(40)
@given(wishes=st.lists(st.sampled_from(ENDS), min_size=1, max_size=5), after=st.integers(0, 4))
def test_of_several_wishes_for_a_number_the_longest_holds(
    database: Database, wishes: list[datetime | None], after: int
) -> None:
    with database.engine.connect() as tx:
        for ends_at in wishes:
            add(tx, NEW, PHONE, ends_at=ends_at)
        now = NOW + timedelta(days=after)

        holds = any(ends_at is None or ends_at > now for ends_at in wishes)

        assert look_up(tx, NEW, PHONE, now=now)[0] == ({PHONE} if holds else set())
        assert (do_not_call.find(tx, NEW, PHONE, now=now) is not None) is holds
        assert tx.execute(select(func.count()).select_from(table)).scalar() == 1


def test_a_number_is_taken_off_under_each_key(tx: Connection) -> None:
    add(tx, OLD, PHONE)

    assert do_not_call.remove(tx, NEW, PHONE)
    assert not do_not_call.remove(tx, NEW, PHONE)
    assert look_up(tx, NEW, PHONE) == (set(), False)


def test_nothing_of_a_number_is_kept_and_no_key_in_a_repr(tx: Connection) -> None:
    add(tx, OLD, PHONE)

    kept = " ".join(map(str, tx.execute(select(table)).one()))
    assert "43210" not in kept
    assert "secret" not in repr(OLD)
    assert OLD.keys[0].hex() not in kept


@pytest.mark.parametrize(
    ("text", "number"),
    [("98765 43210", PHONE), ("+91 98765-43210", PHONE), ("98765 43210 / 98765 43211", None), ("Meera", None)],
)
def test_only_a_text_with_one_number_names_one(text: str, number: str | None) -> None:
    assert the_number(text) == number
