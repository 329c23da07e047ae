"""What a report does, once it is known whose it is: by itself it changes an order only where nobody could object.

A program may move Placed to anything and Success to Returned. Every other change of a decided order is a person's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ordercall.domain.orders.order import Status
from ordercall.domain.reports.fates import Fate, Why
from ordercall.domain.reports.matching import Match
from ordercall.domain.reports.report import WANTED, Answer, Completion, Connection, Report, of_weight


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fate of a report, and the status that each order gets by it; none where it changes nothing."""

    fate: Fate
    why: Why
    changes: Mapping[int, Status] = field(default_factory=dict)


_FOR_A_PERSON = {
    Answer.UNCLEAR: Why.UNCLEAR,
    Answer.CHANGED: Why.CHANGED,
    Answer.WRONG_PERSON: Why.WRONG_PERSON,
}


def judge(
    report: Report,
    match: Match,
    status_of: Mapping[int, Status | None],
    *,
    edited: Collection[int] = (),
    may_force: bool = False,
) -> Verdict:
    """Return what a report does.

    Args:
        status_of: of each order that the match names; None for a word of the original program's.
        edited: the orders that are no longer what their agent was told. A status is of the order as it is, whoever
            sets it; an answer is of what the customer was asked about, so no order is cancelled by it.
        may_force: its sender may set aside that decided orders are a person's.
    """
    if against := _against(report, may_force=may_force):
        return _needs_a_person(against)
    if match.doubt:
        return _in_doubt(report, match.doubt, match.beside, status_of)
    wanted = report.wanted
    if wanted and not report.final and not report.status:
        return Verdict(Fate.KEPT, Why.NOT_FINAL)
    if wanted is Status.FAILED and len(match.orders) > 1:
        return _needs_a_person(Why.JOINT_REFUSAL)
    if wanted and not report.force and not all(may_move(status_of[order], wanted) for order in match.orders):
        return _needs_a_person(Why.DECIDED)
    changes = {order: wanted for order in match.orders if wanted and status_of[order] is not wanted}
    if report.status is None and not changes.keys().isdisjoint(edited):
        return Verdict(Fate.NEEDS_A_PERSON, Why.EDITED, {} if wanted is Status.FAILED else changes)
    if why := left_to_a_person(report):
        return Verdict(Fate.NEEDS_A_PERSON, why, changes)
    if changes:
        return Verdict(Fate.APPLIED, Why.SAID, changes)
    return Verdict(Fate.KEPT, Why.SAME) if wanted else _kept(report)


def may_move(was: Status | None, wanted: Status) -> bool:
    """Return whether a program may change a status; the same again is no change."""
    return was in (None, Status.PLACED, wanted) or (was is Status.SUCCESS and wanted is Status.RETURNED)


def left_to_a_person(report: Report) -> Why | None:
    """Return what a report asks for that only a person can do, or None."""
    if report.do_not_call:
        return Why.DO_NOT_CALL
    if report.answer in _FOR_A_PERSON:
        return _FOR_A_PERSON[report.answer]
    asked = (
        (Why.CALL_BACK, report.callback_at is not None),
        (Why.LANGUAGE, report.language is not None and not report.wanted),
        (Why.ADDRESS, report.address is not None),
        (Why.INVALID_NUMBER, report.connection is Connection.INVALID_NUMBER),
        (Why.NO_ANSWER_SAID, _ends_without_an_answer(report)),
        (Why.SAYS_NOTHING, not report.wanted and not _says_something(report)),
    )
    return next((why for why, is_so in asked if is_so), None)


def contradicts_a_refusal(report: Report) -> bool:
    """Return whether a customer who has refused an order may want it after all, or may never have refused it.

    What a talk ended with, or that nobody was reached, says nothing of that: platforms send it after the refusal.
    """
    if of_weight(report.unread) or _contradicts_itself(report):
        return True
    if report.wanted:
        return report.wanted is not Status.FAILED
    return any((report.answer, report.callback_at, report.language, report.address, report.quote))


def _against(report: Report, *, may_force: bool) -> Why | None:
    """Return why a report is a person's, whosever it is."""
    if of_weight(report.unread):
        return Why.UNKNOWN_WORD
    if _contradicts_itself(report):
        return Why.CONTRADICTION
    return Why.NO_RIGHT if report.force and not may_force else None


def _contradicts_itself(report: Report) -> bool:
    if report.answer is None:
        return False
    unheard = report.reached_nobody or report.completion is Completion.NONE
    ends = report.status in (Status.SUCCESS, Status.FAILED)
    return unheard or (ends and WANTED.get(report.answer) is not report.status)


def _in_doubt(report: Report, doubt: Why, beside: tuple[int, ...], status_of: Mapping[int, Status | None]) -> Verdict:
    """Keep what tells of an order that is decided and says nothing else; all else in doubt is a person's."""
    if doubt is Why.NOT_WAITING and len(beside) == 1 and status_of.get(beside[0]) is not Status.PLACED:
        if report.wanted and report.wanted is status_of.get(beside[0]) and not left_to_a_person(report):
            return Verdict(Fate.KEPT, Why.SAME)
        if not report.wanted and left_to_a_person(report) is None:
            return _kept(report)
        says_else = report.wanted and report.wanted is not status_of.get(beside[0])
        return _needs_a_person(Why.DECIDED if says_else else left_to_a_person(report) or doubt)
    return _needs_a_person(doubt)


def _ends_without_an_answer(report: Report) -> bool:
    talked = report.completion in (Completion.COMPLETED, Completion.PARTIAL) and not report.reached_nobody
    return talked and report.final and report.answer is None and report.status is None


def _says_something(report: Report) -> bool:
    further = (report.connection, report.completion, report.note, report.summary, report.recording_url, report.quote)
    return any(further) or report.duration_seconds is not None or report.reason is not None


def _kept(report: Report) -> Verdict:
    return Verdict(Fate.KEPT, Why.NOBODY_REACHED if report.reached_nobody else Why.NOTED)


def _needs_a_person(why: Why) -> Verdict:
    return Verdict(Fate.NEEDS_A_PERSON, why)
