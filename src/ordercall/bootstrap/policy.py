"""What a person does by hand with the policy, and with all calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from ordercall.bootstrap.parts import open_database, pause_service, utc_now
from ordercall.config import Settings
from ordercall.domain.policy.document import read_toml, write_toml
from ordercall.jobs.engine import JobEngine
from ordercall.services import policy_service
from ordercall.services.policy_trial import TrialService
from ordercall.storage.engine.database import Database
from ordercall.storage.records import pauses, trials
from ordercall.storage.records.pauses import Pause
from ordercall.storage.records.policies import Published
from ordercall.storage.records.trials import Differing, Trial

BY_HAND = "a person"

AT_ONCE = 500
"""Orders of a trial that are read at once: a list of any length takes no more memory."""


def in_force(settings: Settings) -> Published:
    """Return the policy in force; a database without one gets its first version."""
    with closing(open_database(settings)) as db:
        return policy_service.in_force(db, settings, utc_now())


def as_toml(published: Published) -> str:
    """Return the policy as a person reads and edits it, with the fields marked that the environment holds."""
    return write_toml(published.policy, published.locks)


def check(published: Published, text: str) -> policy_service.Draft:
    """Return what a person wrote, as it would be in force.

    Raises:
        PolicyFaults: a sentence for each field that cannot be used, with what to write instead.
    """
    return policy_service.draft(published, read_toml(text, utc_now()))


def with_holidays(published: Published, draft: policy_service.Draft, days: Iterable[date]) -> str:
    """Return a draft as a person reads it, with more days on which nobody is rung."""
    when = replace(draft.policy.when, holidays=draft.policy.when.holidays.union(days))
    return write_toml(replace(draft.policy, when=when), published.locks)


def publish(settings: Settings, text: str, made_from: int) -> tuple[int, list[str]]:
    """Put in force what a person wrote; return the version in force and what changed.

    Raises:
        PolicyFaults: as :func:`check`; nothing was changed.
        PolicyConflict: the version is another by now than the one that the person was shown the changes to.
    """
    written = read_toml(text, utc_now())
    with closing(open_database(settings)) as db:
        policy_service.begin(db, settings, utc_now())
        return policy_service.publish(db, written, by=BY_HAND, now=utc_now(), made_from=made_from)


@contextmanager
def trial_of(settings: Settings, draft: policy_service.Draft, days: int) -> Iterator[Tried]:
    """Make a trial of a draft over the last days, for whoever plays it here; nobody is called or cancelled by it."""
    with closing(open_database(settings)) as db:
        made_from = policy_service.in_force(db, settings, utc_now()).policy.version
        service = TrialService(db, JobEngine(db), utc_now)
        trial_id = service.make(draft.policy, made_from=made_from, days=days, by=BY_HAND, queued=False)
        yield Tried(db, service, trial_id)


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial that is played step by step."""

    db: Database
    service: TrialService
    trial_id: int

    def play(self, progress: Callable[[int, int], None]) -> Trial:
        """Play it to its end and return it; *progress* is told how many orders are done, of how many."""
        while self.service.play(self.trial_id):
            trial = self.service.find(self.trial_id)
            progress(trial.done, max(trial.number, trial.done))
        return self.service.find(self.trial_id)

    def stop(self) -> Trial:
        """End it before its next step, and return what it came to until then."""
        self.service.stop(self.trial_id, by=BY_HAND)
        return self.service.find(self.trial_id)

    def differing(self) -> Iterator[Differing]:
        """Yield the orders about which it would have done otherwise, the latest first."""
        before: int | None = None
        while True:
            with self.db.read() as tx:
                found = trials.differing(tx, self.trial_id, before=before, most=AT_ONCE)
            yield from found[:AT_ONCE]
            if len(found) <= AT_ONCE:
                return
            before = found[AT_ONCE - 1].shopify_id


def pause_calls(settings: Settings, why: str, until: datetime | None) -> tuple[Pause, pauses.Effect]:
    """Pause all calls; return the pause, and what it keeps waiting and cannot stop."""
    with closing(open_database(settings)) as db:
        found = pause_service(db, JobEngine(db), utc_now).pause(by=BY_HAND, why=why, until=until)
        return found, _effect(db)


def resume_calls(settings: Settings) -> tuple[Pause | None, pauses.Effect]:
    """Have calls go on; return the pause that was in force, and what it kept waiting."""
    with closing(open_database(settings)) as db:
        effect = _effect(db)
        return pause_service(db, JobEngine(db), utc_now).resume(by=BY_HAND), effect


def _effect(db: Database) -> pauses.Effect:
    with db.read() as tx:
        return pauses.effect(tx, utc_now())
