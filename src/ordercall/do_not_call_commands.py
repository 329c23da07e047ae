"""The commands ``ordercall do-not-call``: the numbers that must not be called. None of them prints a number."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from ordercall.config import read_settings
from ordercall.domain.do_not_call import read_end, the_number

NO_NUMBER = "no phone number, or more than one"
NO_END = "until is no day or time to come; write 2030-01-31, or nothing for good"


@click.group("do-not-call")
def do_not_call() -> None:
    """Keep the numbers that must not be called, whatever is ordered from them."""


@do_not_call.command()
@click.argument("phone")
@click.option("--until", help="A day or time such as 2030-01-31; without it the wish holds for good.")
def add(phone: str, until: str | None) -> None:
    """List PHONE, such as +919876543210, and withdraw the calls that are planned for it."""
    from ordercall.bootstrap.do_not_call import add as add_all

    wish = _read(phone, until)
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
        why = entry.source.short if entry.source else "unknown"
        click.echo(f"{entry.id:>8}  {since:%Y-%m-%d %H:%M}  {why}, {entry.listed_by}{until and f', until {until}'}")
    click.echo(f"Numbers on the list: {number:,}.")


@do_not_call.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_(file: Path) -> None:
    """List the numbers of FILE, a CSV file: one a line, and behind a comma until when, if not for good.

    What became of each line is printed; ends with 1 if one of them could not be used.
    """
    from ordercall.bootstrap.do_not_call import add as add_all

    with file.open(encoding="utf-8-sig", newline="") as lines:
        read = list(_read_lines(lines))
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


type Wish = tuple[str, datetime | None]


def _read_lines(lines: Iterable[str]) -> Iterator[tuple[int, Wish | str]]:
    """Yield each line's number and what it wishes, or why it cannot be used. A first line of titles is none."""
    rows = csv.reader(lines)
    for row in rows:
        fields = [field.strip() for field in row]
        title = rows.line_num == 1 and bool(fields) and not any(character.isdigit() for character in fields[0])
        if any(fields) and not title:
            yield rows.line_num, _read(fields[0], fields[1] if len(fields) > 1 else None)


def _read(phone: str, until: str | None) -> Wish | str:
    number = the_number(phone)
    if number is None:
        return NO_NUMBER
    if not until:
        return number, None
    try:
        ends_at = read_end(until)
    except ValueError:
        return NO_END
    return (number, ends_at) if ends_at > datetime.now(UTC) else NO_END
