"""The commands ``ordercall do-not-call``: the numbers that must not be called. None of them prints a number."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from ordercall.config import read_settings
from ordercall.domain.do_not_call import Why, the_number
from ordercall.domain.wishes import NO_NUMBER, read_lines, read_wish


@click.group("do-not-call")
def do_not_call() -> None:
    """Keep the numbers that must not be called, whatever is ordered from them."""


@do_not_call.command()
@click.argument("phone")
@click.option("--until", default="", help="A day or time such as 2030-01-31; without it the wish holds for good.")
@click.option(
    "--why", type=click.Choice([why.value for why in Why]), default=Why.ASKED.value, help="Why it must not be called."
)
def add(phone: str, until: str, why: str) -> None:
    """List PHONE, such as +919876543210, and withdraw the calls that are planned for it."""
    from ordercall.bootstrap.do_not_call import add as add_all

    wish = read_wish(phone, until, why, datetime.now(UTC))
    if isinstance(wish, str):
        raise click.BadParameter(f"{wish}.")
    [is_news] = add_all(read_settings(), [wish])
    click.echo("Listed: this number is not called." if is_news else "This number is on the list already.")


@do_not_call.command()
@click.argument("phone")
def remove(phone: str) -> None:
    """Take PHONE off the list. Nobody is called by that alone."""
    from ordercall.bootstrap.do_not_call import remove as take_off

    number = the_number(phone)
    if number is None:
        raise click.BadParameter(f"{NO_NUMBER}.")
    gone = take_off(read_settings(), number)
    click.echo("Taken off: this number may be called again." if gone else "This number is not on the list.")
    sys.exit(not gone)


@do_not_call.command("list")
def show() -> None:
    """Show when, by whom and until when numbers were listed; the list does not have the numbers themselves."""
    from ordercall.bootstrap.do_not_call import entries

    settings, number = read_settings(), 0
    for entry in entries(settings):
        number += 1
        since = entry.listed_at.astimezone(settings.display_timezone)
        until = entry.ends_at.astimezone(settings.display_timezone).isoformat(" ", "minutes") if entry.ends_at else ""
        details = (entry.why and entry.why.short, entry.source and entry.source.short, entry.listed_by)
        by = ", ".join(filter(None, (*details, until and f"until {until}")))
        click.echo(f"{entry.id:>8}  {since:%Y-%m-%d %H:%M}  {by}")
    click.echo(f"Numbers on the list: {number:,}.")


@do_not_call.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_(file: Path) -> None:
    """List the numbers of FILE, a CSV file: one a line, then until when if not for good, then why, as for `add`.

    What became of each line is printed; ends with 1 if one of them could not be used.
    """
    from ordercall.bootstrap.do_not_call import add as add_all

    read = list(read_lines(file.read_bytes(), datetime.now(UTC)))
    answers = add_all(read_settings(), (wish for _, wish in read if not isinstance(wish, str)))
    listed = faults = 0
    for line, wish in read:
        if isinstance(wish, str):
            faults += 1
            click.echo(f"line {line}: {wish}")
        else:
            is_news = next(answers)
            listed += is_news
            click.echo(f"line {line}: {'listed' if is_news else 'on the list already'}")
    click.echo(f"Lines: {len(read):,}. Listed: {listed:,}. Not usable: {faults:,}.")
    sys.exit(faults > 0)
