"""A line of the log, in both forms: what it is about, and what it leaves out."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ordercall import trail
from ordercall.errors import ProviderBusy
from ordercall.logs import TEXT, JsonLines, TextLines
from ordercall.providers import outgoing

PHONE = "+919812345678"
FORMS = [TextLines(TEXT), JsonLines()]


def line(form: logging.Formatter, message: str = "something happened", **more: Any) -> str:
    exc_info = sys.exc_info() if sys.exc_info()[0] else None
    record = logging.LogRecord("ordercall.tests", logging.WARNING, __file__, 1, message, (), exc_info)
    record.__dict__.update(more)
    return form.format(record)


@pytest.mark.parametrize("form", FORMS)
def test_what_was_raised_is_told_by_kind_and_place_and_its_message_is_not(form: logging.Formatter) -> None:
    try:
        try:
            int(PHONE + "x")
        except ValueError as error:
            raise RuntimeError(f"no number: {PHONE}") from error
    except RuntimeError:
        said = line(form)

    assert "builtins.RuntimeError" in said
    assert "builtins.ValueError" in said
    assert "test_log_lines.py" in said
    assert PHONE[3:] not in said


@pytest.mark.parametrize("form", FORMS)
def test_an_error_of_our_own_is_told_in_its_words(form: logging.Formatter) -> None:
    try:
        raise ProviderBusy("Kalimera", "create the contact", "503")
    except ProviderBusy as error:
        said, words = line(form), str(error)

    assert words in said


def test_a_line_is_one_object_however_odd_its_words_are() -> None:
    said = line(JsonLines(), 'two\nlines, a "quote" and \u2028')

    assert "\n" not in said
    assert json.loads(said)["message"] == 'two\nlines, a "quote" and \u2028'


def test_a_line_for_people_is_one_line_that_gives_a_terminal_no_orders() -> None:
    said = line(TextLines(TEXT), "an id\r\n2026-11-30 an invented line \x1b[2J\u2028 of a café")

    assert "".join(said.split("an id")[1:]) == "\\x0d\\x0a2026-11-30 an invented line \\x1b[2J\\x2028 of a café"


@pytest.mark.parametrize("form", FORMS)
def test_a_line_says_when_it_was_written_with_the_offset_from_utc(form: logging.Formatter) -> None:
    said = re.search(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", line(form))

    assert said
    assert abs(datetime.fromisoformat(said[0]) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("form", FORMS)
def test_it_says_what_is_worked_on_and_nothing_where_that_is_over(form: logging.Formatter) -> None:
    with trail.about(trail.of_order(7001)):
        within = line(form)

    assert "order-7001" in within
    assert "order-7001" not in line(form)


def test_a_line_of_the_job_engine_is_about_the_order_of_its_job() -> None:
    said = json.loads(line(JsonLines(), job={"task_kwargs": {"shopify_id": 7001}}))

    assert said["correlation_id"] == "order-7001"


def test_the_loop_that_carries_requests_knows_for_which_order_it_asks() -> None:
    async def request() -> str:
        await asyncio.sleep(0)
        return trail.current()

    with trail.about(trail.of_order(1)):
        first = outgoing.submit(request())
    with trail.about(trail.of_order(2)):
        second = outgoing.submit(request())

    assert (first.result(5), second.result(5), outgoing.run(request())) == ("order-1", "order-2", "")


def test_an_id_that_nobody_signed_brings_nothing_odd_into_the_log() -> None:
    assert trail.plain('b545-4e"},\n{"level": "Zéphyrine" ' + "x" * 200)[:17] == "b545-4elevel:Zphy"
    assert len(trail.plain("x" * 200)) == trail.LONGEST


def test_what_is_over_is_told_to_nobody_who_reads_text(caplog: pytest.LogCaptureFixture) -> None:
    trail.tell("request", provider="Kalimera")

    assert caplog.records == []
