"""A courier's columns as a file describes them, which orders fit into them, and the rows of those that do."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import Any

from ordercall.domain.orders.order import OrderFacts
from ordercall.domain.orders.payment import NOT_PAID_FOR
from ordercall.domain.parcels.courier_values import VALUES, Kind, Parcel, Value, is_indian_mobile, is_paid, written
from ordercall.domain.parcels.parcel import parcel_lines

RUPEES = "INR"
TEN_DIGITS = "10 digits"
KEYS = ("name", "source", "note", "rows", "column")
COLUMN_KEYS = ("header", "value", "text", "as", "at_least")
ROWS = ("orders", "lines")
HEAVIEST = 1_000_000
"""Grams that a file may say for a parcel that weighs less: a ton, which no courier takes as one parcel."""


class UnusableColumns(ValueError):
    """Why a file describes no columns: the key, what is wrong with it, and what to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: a value of an order or a line, or without one a text that is the same in each row."""

    header: str
    text: str = ""
    name: str = ""
    way: str = ""
    at_least: int = 0

    @property
    def value(self) -> Value | None:
        return VALUES.get(self.name)


@dataclass(frozen=True, slots=True)
class CourierColumns:
    """The columns of one courier.

    Attributes:
        by_line: whether each line of an order has a row.
        source: where the names of the columns were found.
        note: what a person must know before they use the file; shown beside the choice.
    """

    name: str
    columns: tuple[Column, ...]
    by_line: bool
    source: str = ""
    note: str = ""

    @property
    def header(self) -> list[str]:
        return [column.header for column in self.columns]

    def has(self, *names: str) -> bool:
        return any(column.name in names for column in self.columns)

    @property
    def tells_money(self) -> bool:
        return any(column.value and column.value.kind in (Kind.MONEY, Kind.PAYMENT) for column in self.columns)

    @property
    def hides_part_payment(self) -> bool:
        """Whether a parcel is COD by its columns and none of them says how much is to be collected."""
        return self.has("payment") and not self.has("to_collect")


class Misfit(StrEnum):
    """Why an order is left out of a courier's file, in a sentence."""

    CANCELLED = "It is Failed, or it is or may be cancelled or deleted in Shopify."
    ARCHIVED = "It is archived in Shopify."
    TEST = "It is a test order, or one of the sandbox."
    MONEY_BACK = "Its payment was voided, has expired or was given back, so nothing would be paid for it."
    LEFT = "A parcel of it has left already."
    UNKNOWN = "Its lines are not known as they are now. It is read from Shopify; export it again in some minutes."
    EMPTY = "Nothing of it is left to ship."
    ADDRESS_WAITS = "Its customer gave another address, which waits for a person or for Shopify."
    NO_ADDRESS = "It has no address to ship to."
    NO_MOBILE = "It has no mobile of ten digits in India."
    CURRENCY = "It is not paid in rupees."
    NO_PRICE = "A line of it has no price that could be read."
    UNCLEAR = "Nobody can tell what is to be collected: Shopify does not say how much is paid."
    NOT_PAID = "It is not paid at the door, and something of it is not paid yet."
    IN_PART = "A part of it is paid, and these columns have no place for the rest that is to be collected."


def misfit(order: OrderFacts, columns: CourierColumns, *, invented: bool = False) -> Misfit | None:
    """Return why an order must not stand in a courier's file, or None.

    No row at all is better than one by which a courier collects a wrong amount or ships the wrong goods.

    Args:
        invented: the order is the sandbox's, and so is its phone.
    """
    return next(_misfits(order, columns, invented=invented), None)


def _misfits(order: OrderFacts, columns: CourierColumns, *, invented: bool) -> Iterator[Misfit]:
    lines = parcel_lines(order)
    yield from _misfits_of_state(order)
    if lines is None:
        yield Misfit.UNKNOWN
    elif not lines:
        yield Misfit.EMPTY
    elif columns.tells_money and any(line.price is None for line in lines):
        yield Misfit.NO_PRICE
    if columns.has("address", "whole_address") and not order.address:
        yield Misfit.NO_ADDRESS
    wants_mobile = any(column.way == TEN_DIGITS for column in columns.columns)
    if wants_mobile and not is_indian_mobile(order.customer_phone, invented=invented):
        yield Misfit.NO_MOBILE
    if columns.tells_money:
        yield from _misfits_of_money(order, columns)


def _misfits_of_state(order: OrderFacts) -> Iterator[Misfit]:
    if order.shopify_cancelled_at or order.shopify_deleted_at:
        yield Misfit.CANCELLED
    if order.closed_at:
        yield Misfit.ARCHIVED
    if order.is_test:
        yield Misfit.TEST
    if order.financial_status in NOT_PAID_FOR:
        yield Misfit.MONEY_BACK
    if order.fulfillment_status.has_left:
        yield Misfit.LEFT


def _misfits_of_money(order: OrderFacts, columns: CourierColumns) -> Iterator[Misfit]:
    total, _, currency = order.money_now
    if order.currency != RUPEES or currency != RUPEES:
        yield Misfit.CURRENCY
    if order.to_collect is None or total is None or (not order.is_cod and is_paid(order) is None):
        yield Misfit.UNCLEAR
    elif not order.is_cod and not is_paid(order):
        yield Misfit.NOT_PAID
    elif columns.hides_part_payment and order.to_collect not in (0, total):
        yield Misfit.IN_PART


def rows(order: OrderFacts, columns: CourierColumns, zone: tzinfo) -> Iterator[list[str]]:
    """Yield the rows of an order that fits: one, or one for each line that ships."""
    parcel = Parcel(order, parcel_lines(order) or [])
    for line in parcel.lines if columns.by_line else (None,):
        yield [
            written(value.of(line if value.of_line else parcel), column.way, zone, at_least=column.at_least)
            if (value := column.value)
            else column.text
            for column in columns.columns
        ]


def read_columns(document: str) -> CourierColumns:
    """Return the columns that a file describes.

    Raises:
        UnusableColumns: it describes none; with the key and the remedy.
    """
    try:
        told = tomllib.loads(document)
    except tomllib.TOMLDecodeError as error:
        raise UnusableColumns(f"is no TOML ({error}); correct that place.") from None
    _refuse_others(told, KEYS, "")
    name, found = _text(told, "name", ""), told.get("column")
    if not name:
        raise UnusableColumns("name: is missing; say what people call the courier.")
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise UnusableColumns("column: is missing; write each column as a table [[column]].")
    by_line = _one_of(told.get("rows"), ROWS, "rows") == "lines"
    columns = tuple(_column(one, f"column {number}, ", by_line) for number, one in enumerate(found, start=1))
    return CourierColumns(name, columns, by_line, _text(told, "source", ""), _text(told, "note", ""))


def _column(told: Mapping[str, Any], where: str, by_line: bool) -> Column:
    _refuse_others(told, COLUMN_KEYS, where)
    header = _text(told, "header", where)
    if not header:
        raise UnusableColumns(f"{where}header: is missing; write the column's name as the courier writes it.")
    if ("value" in told) == ("text" in told):
        raise UnusableColumns(f"{where}value: there must be a value or a text, and not both; keep one of them.")
    if "text" in told:
        if "as" in told or "at_least" in told:
            raise UnusableColumns(f"{where}text: is written as it is; remove as and at_least.")
        return Column(header, text=_text(told, "text", where))
    name = _one_of(told["value"], tuple(VALUES), f"{where}value")
    value = VALUES[name]
    if value.of_line and not by_line:
        raise UnusableColumns(
            f'{where}value: {name} is a line\'s; set rows = "lines", or use products, skus or pieces.'
        )
    way = _one_of(told.get("as", value.kind.value[0]), value.kind.value, f"{where}as")
    return Column(header, name=name, way=way, at_least=_at_least(told, value, where))


def _at_least(told: Mapping[str, Any], value: Value, where: str) -> int:
    grams = told.get("at_least", 0)
    if "at_least" in told and value.kind is not Kind.WEIGHT:
        raise UnusableColumns(f"{where}at_least: only a weight has one; remove it.")
    if type(grams) is not int or not 0 <= grams <= HEAVIEST:
        raise UnusableColumns(f"{where}at_least: must be whole grams between 0 and {HEAVIEST}, such as 500.")
    return grams


def _refuse_others(told: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    if others := [key for key in told if key not in known]:
        raise UnusableColumns(f"{where}{others[0]}: is no key of such a file; use {', '.join(known)}.")


def _one_of(told: Any, known: tuple[str, ...], where: str) -> str:
    if told not in known:
        said = "is missing" if told is None else f"'{told}' is unknown"
        raise UnusableColumns(f"{where}: {said}; use one of {', '.join(known)}.")
    return str(told)


def _text(told: Mapping[str, Any], key: str, where: str) -> str:
    found = told.get(key, "")
    if not isinstance(found, str) or not found.isprintable():
        raise UnusableColumns(f"{where}{key}: must be a text in one line, in quotes.")
    return found
