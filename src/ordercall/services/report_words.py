"""What the words of the shop's agent mean: taught by a person, tried on what came before, and then applied to it.

A report is replayed to the call that it was found to be about when it came. It changes an order only while that order
still waits and the report is fresh; a refusal only if a person has seen it on the list. The rest stays with a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ordercall.domain.audit import Act
from ordercall.domain.calls.calling import INDIA
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.fates import Fate, Why
from ordercall.domain.reports.judging import Verdict, judge
from ordercall.domain.reports.matching import LATEST, Match
from ordercall.domain.reports.report import KEYS, LONGEST_ID, Report, read_report
from ordercall.domain.reports.words import ANY, Rule, Rules, read_keys
from ordercall.errors import InvalidRequest, WordConflict
from ordercall.services.report_effects import Heard
from ordercall.services.report_match import ReportMatch, told_before_an_edit
from ordercall.services.report_service import ReportService, at_its_end
from ordercall.storage.engine.database import Database
from ordercall.storage.records import audit, belt, do_not_call, orders, reports, taught_words
from ordercall.storage.records.reports import Door, StoredReport
from ordercall.storage.records.taught_words import Taught

SLICE = 50
"""Reports that are replayed in one transaction, so that no webhook waits for it."""

MOST_SHOWN = 2_000
"""Reports that are looked through for a page, the oldest; a person explains their words before those of the rest."""


@dataclass(frozen=True, slots=True)
class WaitingWord:
    """A word that nobody has explained. ``number``: of the reports that wait for it; ``since``: the first of them."""

    path: str
    word: str
    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Replayed:
    """What becomes, or would become, of a report that waits for a word."""

    stored: StoredReport
    report: Report
    verdict: Verdict

    @property
    def refuses(self) -> bool:
        """Whether an order would be cancelled by it."""
        return Status.FAILED in self.verdict.changes.values()


class ReportWords:
    """Teaches words, and replays the reports that waited for them."""

    def __init__(self, db: Database, service: ReportService, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._service = service
        self._clock = clock

    def waiting(self) -> list[WaitingWord]:
        """Return the words for which reports wait longest, the most frequent first."""
        with self._db.read() as tx:
            stored = reports.waiting_for_words(tx, limit=MOST_SHOWN)
        numbers = Counter((each.path, each.word) for report in stored for each in report.unread)
        since = {(each.path, each.word): report.received_at for report in reversed(stored) for each in report.unread}
        return [WaitingWord(*word, number, since[word]) for word, number in numbers.most_common()]

    def known(self) -> list[Taught]:
        """Return what was taught, the newest first."""
        with self._db.read() as tx:
            return taught_words.all_taught(tx)

    def teach(self, rule: Rule, *, by: str) -> None:
        """Have a word understood from now on. What came before stays as it is until it is replayed.

        Raises:
            InvalidRequest: the rule says nothing that could be understood.
            WordConflict: the word means something else already, which somebody must take back first.
        """
        _refuse_unless_useful(rule)
        with self._db.begin() as tx:
            self._service.one_at_a_time(tx)
            for each in taught_words.all_taught(tx):
                if each.rule == rule:
                    return
                if each.rule.is_about_the_word_of(rule):
                    raise WordConflict(each.by, each.rule.in_words)
            taught_words.teach(tx, rule, by=by, now=self._clock())
            audit.write(tx, Act.WORD_EXPLAINED, rule.path, key=rule.key, value=rule.value)

    def forget(self, taught_id: int) -> bool:
        """Have a word not understood any more, and return whether it was. What it did stays."""
        with self._db.begin() as tx:
            gone = taught_words.forget(tx, taught_id)
            if gone:
                audit.write(tx, Act.WORD_TAKEN_BACK, gone.path, key=gone.key, value=gone.value)
        return gone is not None

    def preview(self, *further: Rule) -> list[Replayed]:
        """Return what would become of the reports that wait longest if these rules were taught too; change nothing."""
        with self._db.read() as tx:
            known_words = Rules(_with(taught_words.rules(tx), further))
            decided: dict[int, Status] = {}
            found = [
                self._replay(tx, stored, known_words, decided=decided)
                for stored in reports.waiting_for_words(tx, limit=MOST_SHOWN)
            ]
        return [replayed for replayed, _ in found if replayed]

    def apply_again(self, *, by: str, confirmed: Collection[int] = ()) -> list[Replayed]:
        """Replay the reports that wait and whose words are known by now, in the order in which they came.

        Args:
            confirmed: the numbers of the reports that may cancel an order; a person has seen them.
        """
        done: list[Replayed] = []
        after, more = 0, True
        while more:
            with self._db.begin() as tx:
                self._service.one_at_a_time(tx)
                do_not_call.take(tx)  # for what they may come to say
                some = reports.waiting_for_words(tx, after=after, limit=SLICE)
                known_words = Rules(taught_words.rules(tx))
                done += [
                    replayed for stored in some if (replayed := self._apply(tx, stored, known_words, confirmed, by=by))
                ]
            after, more = some[-1].id if some else after, len(some) == SLICE
        return done

    def _apply(
        self, tx: Connection, stored: StoredReport, known_words: Rules, confirmed: Collection[int], *, by: str
    ) -> Replayed | None:
        replayed, found = self._replay(tx, stored, known_words, to_change=True)
        if replayed is None:
            return None
        if replayed.refuses and stored.id not in confirmed:
            replayed = Replayed(stored, replayed.report, Verdict(Fate.NEEDS_A_PERSON, Why.TO_CONFIRM))
        verdict = replayed.verdict
        reports.judge_again(tx, stored.id, replayed.report, verdict.fate, verdict.why)
        if verdict.why is not Why.TO_CONFIRM:
            self._service.put_into_effect(tx, [Heard(stored.id, replayed.report, verdict, found, by)])
        return replayed

    def _replay(
        self,
        tx: Connection,
        stored: StoredReport,
        known_words: Rules,
        *,
        to_change: bool = False,
        decided: dict[int, Status] | None = None,
    ) -> tuple[Replayed | None, ReportMatch]:
        """Judge a stored report anew; None while it has a word that nobody explained, or its body is gone.

        Args:
            decided: what earlier reports of the same preview would do; this one's is added.
        """
        keys = read_keys(stored.body) if stored.body else None
        look = orders.find_to_change if to_change else orders.find
        known = {number: order for number in sorted(stored.meant) if (order := look(tx, number))}
        certain = stored.meant if stored.rung_call else ()
        found = ReportMatch(Match(certain, None if certain else Why.NOT_WAITING, stored.meant), known, stored.rung_call)
        if keys is None:
            return None, found
        report = self._service.read(tx, keys, known_words, Door(stored.door))
        decided = {} if decided is None else decided
        statuses = {number: decided.get(number, order.confirmation_status) for number, order in known.items()}
        edited = told_before_an_edit(report, found, belt.old_cards(tx, found.match.orders))
        verdict = at_its_end(tx, judge(report, found.match, statuses, edited=edited), found)
        if verdict.why is Why.UNKNOWN_WORD:
            return None, found
        if verdict.changes and self._clock() - stored.received_at > LATEST:
            verdict = Verdict(Fate.NEEDS_A_PERSON, Why.TOO_OLD)
        elif any(statuses[number] is not Status.PLACED for number in verdict.changes):
            verdict = Verdict(Fate.NEEDS_A_PERSON, Why.DECIDED)
        decided |= verdict.changes
        return Replayed(stored, report, verdict), found


def _with(rules: Sequence[Rule], further: Sequence[Rule]) -> list[Rule]:
    """Return rules with further ones, each of which takes the place of the one that it would replace."""
    return list({(rule.path, rule.word, rule.key): rule for rule in (*rules, *further)}.values())


def _refuse_unless_useful(rule: Rule) -> None:
    """Raise InvalidRequest for a rule without path or word, for an unknown key, or a value that the key cannot have."""
    if not rule.path.strip() or not rule.word.strip() or max(len(rule.path), len(rule.word)) > LONGEST_ID:
        message = f"A rule needs a path and a word, each of {LONGEST_ID} characters at most."
        raise InvalidRequest(message, code="InvalidRule")
    if rule.key and rule.key not in KEYS:
        raise InvalidRequest(f"The normal form has no {rule.key[:40]}; use {', '.join(KEYS)}.", code="InvalidRule")
    if rule.key == "force":
        raise InvalidRequest("No word can mean force.", code="InvalidRule")
    if rule.key and rule.value is None and ANY in rule.word:
        return
    value = rule.word if rule.value is None else rule.value
    if rule.key and read_report({rule.key: value}, INDIA).unread:
        raise InvalidRequest(f"{rule.key} cannot be {value[:40]!r}.", code="InvalidRule")
