"""The commands ``ordercall users`` and ``ordercall keys``: who may come in, without a browser."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from ordercall.config import Settings, read_settings
from ordercall.domain.people import Role, Scope

if TYPE_CHECKING:
    from ordercall.services.api_keys import NewKey
    from ordercall.services.people import Link

ROLE = click.Choice([role.value for role in Role])
BY_MAIL = click.option("--email", help="Send the link there, too; it wants SMTP_URL.")
SCOPE = click.Choice([scope.value for scope in Scope])


@click.group()
def users() -> None:
    """Keep the people who may log in."""


@users.command("list")
def show_users() -> None:
    """Show who may log in, as what, and when they were here last."""
    from ordercall.bootstrap.people import everybody

    settings = read_settings()
    for seen in everybody(settings):
        person = seen.person
        state = "may not come in" if person.disabled_at else f"last here {_moment(settings, seen.last_used)}"
        owes = person.role in settings.second_factor_for
        factor = ", second factor" if seen.has_factor else ", second factor still to come" if owes else ""
        click.echo(f"{person.name:40}  {person.role:7}  {state}, sessions: {seen.sessions}{factor}")


@users.command()
@click.argument("name")
@click.option("--role", type=ROLE, default=Role.AGENT.value, help="What the person may do.")
@BY_MAIL
def invite(name: str, role: str, email: str | None) -> None:
    """Add NAME, and print the link by which they choose their password. Whoever opens it first does."""
    from ordercall.bootstrap.people import invite as add

    settings = read_settings()
    _show_link(settings, add(settings, name, Role(role)), email)


@users.command()
@click.argument("name")
@BY_MAIL
def reset(name: str, email: str | None) -> None:
    """Print a new link for NAME. Their password and sessions go on until it is used."""
    from ordercall.bootstrap.people import reset as new_link

    settings = read_settings()
    _show_link(settings, new_link(settings, name), email)


@users.command()
@click.argument("name")
@click.argument("role", type=ROLE)
def role(name: str, role: str) -> None:
    """Give NAME another ROLE, from their next request on."""
    from ordercall.bootstrap.people import set_role

    set_role(read_settings(), name, Role(role))
    click.echo(f"{name} is {Role(role).named} now.")


@users.command()
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let them in again.")
def disable(name: str, undo: bool) -> None:
    """Let NAME in no longer: all their sessions end."""
    from ordercall.bootstrap.people import let_in

    let_in(read_settings(), name, may=undo)
    click.echo(f"{name} may come in again." if undo else f"{name} may not come in any more.")


@users.command("take-factor")
@click.argument("name")
def take_factor(name: str) -> None:
    """Take the second factor of NAME away, such as for a lost phone. All their sessions end."""
    from ordercall.bootstrap.people import take_factor as take

    take(read_settings(), name)
    click.echo(f"{name} logs in by the password alone now.")


@click.group()
def keys() -> None:
    """Keep the keys of programs."""


@keys.command("list")
def show_keys() -> None:
    """Show all keys by their numbers, what they are for, and when each was used last."""
    from ordercall.bootstrap.people import keys as all_keys

    settings = read_settings()
    for key in all_keys(settings):
        used = f"used {_moment(settings, key.used_at)} from {key.used_from}" if key.used_at else "never used"
        ended = f", ended {_moment(settings, key.ended_at)} by {key.ended_by}" if key.ended_at else ""
        click.echo(f"{key.id:>5}  {key.name:40}  {','.join(key.scopes):30}  {used}{ended}")


@keys.command()
@click.argument("name")
@click.option("--scope", "scopes", type=SCOPE, multiple=True, required=True, help="What it is for; may be repeated.")
def make(name: str, scopes: tuple[str, ...]) -> None:
    """Make a key for the program NAME, and print it. It is not shown again."""
    from ordercall.bootstrap.people import make_key

    _show_key(make_key(read_settings(), name, map(Scope, scopes)))


@keys.command()
@click.argument("number", type=int)
def rotate(number: int) -> None:
    """Make the next key of the program that has key NUMBER. That one goes on until it is ended."""
    from ordercall.bootstrap.people import rotate_key

    _show_key(rotate_key(read_settings(), number))
    click.echo(f"When the program has it: ordercall keys end {number}", err=True)


@keys.command()
@click.argument("number", type=int)
def end(number: int) -> None:
    """End key NUMBER at once."""
    from ordercall.bootstrap.people import end_key

    ended = end_key(read_settings(), number)
    click.echo(f"Key {ended.id} of {ended.name} is worth nothing any more.")


def _show_link(settings: Settings, link: Link, email: str | None) -> None:
    from ordercall.bootstrap.people import link_address, send_link

    click.echo(link_address(settings, link))
    click.echo(f"For {link.person.name}, once, until {_moment(settings, link.ends_at)}.", err=True)
    if email:
        send_link(settings, link, email)
        click.echo("It was sent by e-mail, too.", err=True)


def _show_key(new: NewKey) -> None:
    click.echo(new.secret)
    click.echo(f"Key {new.key.id} of {new.key.name}, for {', '.join(new.key.scopes)}.", err=True)


def _moment(settings: Settings, when: datetime | None) -> str:
    return when.astimezone(settings.display_timezone).isoformat(" ", "minutes") if when else "never"
