"""Jobs that come again by themselves."""

from __future__ import annotations

import logging

import pytest

from ordercall.errors import DatabaseBusy
from ordercall.jobs.tasks import left_to_the_next_look


def test_a_job_that_comes_again_says_in_one_line_that_the_database_does_not_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def look() -> None:
        raise DatabaseBusy("The database is gone.")

    with caplog.at_level(logging.WARNING):
        left_to_the_next_look("see_silence", look)()

    [line] = caplog.records
    assert (line.getMessage(), line.exc_info) == ("see_silence waits for the next look: The database is gone.", None)


def test_a_fault_of_ours_in_it_is_not_passed_over() -> None:
    def look() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        left_to_the_next_look("see_silence", look)()
