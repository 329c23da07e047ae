"""What a person does with people and keys by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

from ordercall.bootstrap.access import link_mail_of
from ordercall.bootstrap.parts import open_database, people_of, utc_now
from ordercall.config import Settings
from ordercall.domain.activity import COMMAND_LINE
from ordercall.domain.people import Role, Scope
from ordercall.errors import InvalidRequest
from ordercall.services.api_keys import ApiKeys, NewKey
from ordercall.services.people import Link, People
from ordercall.storage.records.api_keys import ApiKey
from ordercall.storage.records.people import Seen


def everybody(settings: Settings) -> list[Seen]:
    """Return all people, by name."""
    with closing(open_database(settings)) as db, db.read() as tx:
        return people_of(db, settings, utc_now).all_of(tx)


def invite(settings: Settings, name: str, role: Role) -> Link:
    """Add a person, and return the link by which they choose their password."""
    with _people(settings) as people:
        return people.invite(name, role, by=COMMAND_LINE)


def reset(settings: Settings, name: str) -> Link:
    """Return a new link for a person."""
    with _people(settings) as people:
        return people.reset(people.find(name).id)


def send_link(settings: Settings, link: Link, to: str) -> None:
    """Send a link by e-mail."""
    with closing(open_database(settings)) as db:
        mail = link_mail_of(db, settings, utc_now)
        if mail is None:
            message = "SMTP_URL with an address to send from is not set, so no e-mail could leave. Hand the link over."
            raise InvalidRequest(message, code="NoMailServer")
        mail.send(link, link_address(settings, link), to=to)


def set_role(settings: Settings, name: str, role: Role) -> None:
    with _people(settings) as people:
        people.set_role(people.find(name).id, role)


def let_in(settings: Settings, name: str, *, may: bool) -> None:
    """Let a person in again, or no longer."""
    with _people(settings) as people:
        person = people.find(name)
        (people.enable if may else people.disable)(person.id)


def take_factor(settings: Settings, name: str) -> None:
    """Take a person's second factor away."""
    with _people(settings) as people:
        people.take_factor(people.find(name).id)


def keys(settings: Settings) -> list[ApiKey]:
    """Return all keys, those in force first."""
    with closing(open_database(settings)) as db, db.read() as tx:
        return ApiKeys(db, utc_now).all_of(tx)


def make_key(settings: Settings, name: str, scopes: Iterable[Scope]) -> NewKey:
    with closing(open_database(settings)) as db:
        return ApiKeys(db, utc_now).make(name, scopes, by=COMMAND_LINE)


def rotate_key(settings: Settings, key_id: int) -> NewKey:
    """Make the next key of the program that has this one."""
    with closing(open_database(settings)) as db:
        return ApiKeys(db, utc_now).rotate(key_id, by=COMMAND_LINE)


def end_key(settings: Settings, key_id: int) -> ApiKey:
    with closing(open_database(settings)) as db:
        return ApiKeys(db, utc_now).end(key_id, by=COMMAND_LINE)


def link_address(settings: Settings, link: Link) -> str:
    """Return where a link leads, as its person will reach it."""
    return f"{(settings.public_url or settings.local_url).rstrip('/')}/welcome/{link.token}"


@contextmanager
def _people(settings: Settings) -> Iterator[People]:
    with closing(open_database(settings)) as db:
        yield people_of(db, settings, utc_now)
