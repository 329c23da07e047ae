"""What a person does by hand with the policy, and with all calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta

from ordercall.bootstrap.parts import open_database, pause_service, utc_now
from ordercall.config import Settings
from ordercall.domain.policy_document import read_toml, write_toml
from ordercall.jobs.engine import JobEngine
from ordercall.services import policy_service
from ordercall.services.policy_trial import Trial, play
from ordercall.storage.records import pauses
from ordercall.storage.records.pauses import Pause
from ordercall.storage.records.policies import Published

BY_HAND = "a person"


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


def try_out(settings: Settings, draft: policy_service.Draft, days: int, progress: Callable[[int, int], None]) -> Trial:
    """Play a draft over the orders of the last days, as they arrived; nothing is changed."""
    with closing(open_database(settings)) as db, db.read() as tx:
        return play(tx, draft.policy, utc_now() - timedelta(days=days), progress)


def pause_calls(settings: Settings, why: str, until: datetime | None) -> tuple[Pause, pauses.Effect]:
    """Pause all calls; return the pause, and what it keeps waiting and cannot stop."""
    with closing(open_database(settings)) as db:
        found = pause_service(db, JobEngine(db), utc_now).pause(by=BY_HAND, why=why, until=until)
        with db.read() as tx:
            return found, pauses.effect(tx, utc_now())


def resume_calls(settings: Settings) -> tuple[Pause | None, int]:
    """Have calls go on; return the pause that was in force, and how many orders had waited for its end."""
    with closing(open_database(settings)) as db:
        with db.read() as tx:
            waited = pauses.effect(tx, utc_now()).waiting
        return pause_service(db, JobEngine(db), utc_now).resume(by=BY_HAND), waited
