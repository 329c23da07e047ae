"""The shapes of Kalimera's answers: each is recorded once and counted, beside the work and never within it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from sqlalchemy import event

from house import House
from ordercall.domain.shapes import AnswerShape, exported
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.recorded_answers import RecordedAnswers
from ordercall.services.shape_records import LONGEST, MOST_LOOKS, ShapeRecords
from ordercall.storage.records import answer_shapes
from ordercall.storage.records.answer_shapes import MOST, RecordedShape

CREATE = "create the contact", 201


def shape(number: int = 1, body: str = "{}") -> AnswerShape:
    return AnswerShape("create the contact", 201, "application/json", "done", body + " " * number)


def recorded(house: House) -> list[RecordedShape]:
    with house.db.read() as tx:
        return answer_shapes.all_of(tx)


def bring(house: House, number: int) -> None:
    house.sync.sync(house.receive(make_order(number, phone=f"+91987654{number:04}")))
    house.campaigns.flush("sandbox-campaign")


@pytest.fixture
def shapes(house: House) -> ShapeRecords:
    return house.worker.shapes


def test_what_an_order_was_answered_is_recorded_once_and_counted(house: House, shapes: ShapeRecords) -> None:
    bring(house, 1001)
    shapes.keep()
    first = recorded(house)
    house.pass_time(minutes=1)
    bring(house, 1002)
    shapes.keep()

    asked = [each.shape.operation for each in first]
    assert {"create the contact", "add to the campaign", "update the campaign"} <= set(asked)
    assert len(set(asked)) == len(asked)
    [created] = [each for each in recorded(house) if each.shape.operation == "create the contact"]
    assert (created.shape.status, created.shape.outcome, created.times) == (201, "done", 2)
    assert (created.first_seen, created.last_seen) == (house.now.timestamp() - 60, house.now.timestamp())


def test_an_order_is_brought_to_the_list_with_no_statement_about_shapes(house: House, shapes: ShapeRecords) -> None:
    seen: list[str] = []
    listen = lambda *arguments: seen.append(arguments[2])  # noqa: E731
    event.listen(house.db.engine, "before_cursor_execute", listen)
    bring(house, 1001)
    brought = [statement for statement in seen if "answer_shapes" in statement]
    shapes.keep()
    kept = [statement for statement in seen if "answer_shapes" in statement]
    event.remove(house.db.engine, "before_cursor_execute", listen)

    assert (brought, len(kept) > 1) == ([], True)


def test_where_nothing_was_answered_the_database_is_left_alone(house: House, shapes: ShapeRecords) -> None:
    seen: list[str] = []
    listen = lambda *arguments: seen.append(arguments[2])  # noqa: E731
    event.listen(house.db.engine, "before_cursor_execute", listen)
    shapes.keep()
    event.remove(house.db.engine, "before_cursor_execute", listen)

    assert seen == []


def test_in_a_rush_a_few_are_looked_at_and_all_are_counted(house: House, shapes: ShapeRecords) -> None:
    looks: list[int] = []

    def look() -> AnswerShape:
        looks.append(1)
        return shape()

    for _ in range(5 * MOST_LOOKS):
        shapes.note(CREATE, look)
    shapes.keep()

    assert (len(looks), [each.times for each in recorded(house)]) == (MOST_LOOKS, [5 * MOST_LOOKS])


def test_no_more_shapes_are_kept_than_somebody_can_read(house: House, shapes: ShapeRecords) -> None:
    for number in range(MOST + 10):
        shapes.note(("create the contact", 200 + number), lambda number=number: shape(number))  # type: ignore[misc]
    shapes.keep()
    shapes.note(CREATE, lambda: recorded(house)[0].shape)
    shapes.keep()

    found = recorded(house)
    assert (len(found), max(each.times for each in found)) == (MOST, 2)


def test_an_answer_whose_shape_cannot_be_told_leaves_the_others_be(house: House, shapes: ShapeRecords) -> None:
    def fail() -> NoReturn:
        raise ValueError("+919000000002")

    shapes.note(CREATE, fail)
    shapes.note(CREATE, shape)
    shapes.keep()

    assert [each.shape for each in recorded(house)] == [shape()]


@pytest.mark.parametrize(
    ("inner", "kept"),
    [
        ({"b": {f"name{number}": "text" for number in range(LONGEST // 10)}}, {"a": {"b": "left out"}}),
        ([[f"number, {number}" for number in range(LONGEST // 10)]], {"a": ["left out"]}),
    ],
)
def test_of_a_long_shape_all_is_kept_but_what_stands_deepest(
    house: House, shapes: ShapeRecords, inner: Any, kept: Any
) -> None:
    shapes.note(CREATE, lambda: replace(shape(), body=json.dumps({"a": inner})))
    shapes.keep()

    assert [json.loads(each.shape.body) for each in recorded(house)] == [kept]
    assert RecordedAnswers.read(json.loads(exported([(recorded(house)[0].shape, 1)])))


def test_a_shape_of_many_names_side_by_side_is_recorded_as_one_that_was_left_out(
    house: House, shapes: ShapeRecords
) -> None:
    shapes.note(CREATE, lambda: replace(shape(), body=json.dumps({f"name{n}": "text" for n in range(LONGEST)})))
    shapes.keep()

    assert [json.loads(each.shape.body) for each in recorded(house)] == ["left out"]
