"""The commands about the data of one customer: ``ordercall erase`` and ``ordercall person``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from ordercall.config import read_settings
from ordercall.domain.do_not_call import the_number
from ordercall.domain.wishes import NO_NUMBER

if TYPE_CHECKING:
    from ordercall.bootstrap.privacy import Person

NOBODY = "Name them: --phone, --email or --order."


def named(command: Any) -> Any:
    """Give a command the options by which somebody is named."""
    for option in (
        click.option("--order", "orders", type=int, multiple=True, help="Shopify's id of an order; may be repeated."),
        click.option("--email", help="An e-mail address, in capital or small letters."),
        click.option("--phone", help="A number, such as +919876543210."),
    ):
        command = option(command)
    return command


@click.command()
@named
@click.option("--yes", is_flag=True, help="Erase without asking.")
def erase(phone: str | None, email: str | None, orders: tuple[int, ...], yes: bool) -> None:
    """Erase a customer everywhere, as when Shopify asks for it. It cannot be undone."""
    from ordercall.bootstrap.privacy import count_orders
    from ordercall.bootstrap.privacy import erase as erase_all

    settings, person = read_settings(), _person(phone, email, orders)
    number = count_orders(settings, person)
    if not (yes or click.confirm(f"Orders whose customer is erased: {number:,}. This cannot be undone. Go on?")):
        sys.exit(1)
    for name, found in erase_all(settings, person).items():
        click.echo(f"{name}: {', '.join(found) if isinstance(found, list) else f'{found:,}'}")
    click.echo("Erased. Contacts that are named stay at Kalimera until you erase them there; backups are yours to age.")


@click.group()
def person() -> None:
    """Look after what is kept of one customer."""


@person.command()
@named
def export(phone: str | None, email: str | None, orders: tuple[int, ...]) -> None:
    """Print everything that is kept of a customer, as JSON: what they get who ask to see their data."""
    from ordercall.bootstrap.privacy import export as read_all

    found = read_all(read_settings(), _person(phone, email, orders))
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


def _person(phone: str | None, email: str | None, orders: tuple[int, ...]) -> Person:
    from ordercall.bootstrap.privacy import Person

    number = the_number(phone) if phone else None
    if phone and number is None:
        raise click.BadParameter(f"{NO_NUMBER}.")
    if not (number or email or orders):
        raise click.UsageError(NOBODY)
    return Person(number, email, orders)


@click.command()
@click.option("--dry-run", is_flag=True, help="Say how many rows of each kind would go, and change nothing.")
def retention(dry_run: bool) -> None:
    """Forget now what was kept long enough, as a worker does each night."""
    from ordercall.bootstrap.privacy import due, forget_by_age

    settings = read_settings()
    if dry_run:
        for kind, number in due(settings).items():
            click.echo(f"{kind:12}{number:>14,}  would go")
        return
    for run in forget_by_age(settings, lambda run: click.echo(f"{run.kind}: {run.number:,} …", err=True)):
        click.echo(f"{run.kind:12}{run.number:>14,}  are gone")
