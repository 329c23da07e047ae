"""The commands ``ordercall policy``: looking at the rules about calls, changing them, and trying a change first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ordercall.config import Settings, read_settings
from ordercall.domain.policy.document import PolicyFaults

if TYPE_CHECKING:
    from ordercall.domain.policy.rules import Policy
    from ordercall.domain.policy.trial import Difference, Tally

DRAFT = "policy.toml"
INTERRUPTED = 130
"""How a shell knows that Ctrl-C ended a command."""

DIFFERENCES_SHOWN = 20
"""Lines that a terminal shows at once."""


@click.group()
def policy() -> None:
    """Look at the rules by which customers are called, and change them."""


@policy.command()
def show() -> None:
    """Print the policy in force, with the fields that the environment holds."""
    from ordercall.bootstrap.policy import as_toml, in_force

    found = in_force(read_settings())
    click.echo(f"# Version {found.policy.version}, published by {found.by}.")
    for line in found.changed:
        click.echo(f"# {line}")
    click.echo()
    click.echo(as_toml(found), nl=False)


@policy.command()
@click.argument("file", type=click.Path(path_type=Path), default=DRAFT)
def edit(file: Path) -> None:
    """Open a draft of the policy in $EDITOR and check it; nothing is in force before `ordercall policy publish`."""
    from ordercall.bootstrap.policy import as_toml, check, in_force

    found = in_force(read_settings())
    text = _text_of(file) if file.exists() else as_toml(found)
    while True:
        written = click.edit(text, extension=".toml")
        if written is None:
            click.echo("Nothing was changed.")
            return
        text = written
        file.write_text(text, encoding="utf-8")
        try:
            changed = check(found, text).changed
            break
        except PolicyFaults as wrong:
            click.echo(str(wrong), err=True)
            if not click.confirm("Edit it again?", default=True):
                sys.exit(1)
    _tell(changed)
    click.echo(f"The draft is in {file}. Next: `ordercall policy try {file}`, `ordercall policy publish {file}`.")


@policy.command()
@click.argument("year", type=int)
@click.argument("file", type=click.Path(path_type=Path), default=DRAFT)
@click.option("--state", help="Also the holidays of this state, by its code, such as GJ.")
def holidays(year: int, file: Path, state: str | None) -> None:
    """Take a year's holidays of India over into a draft; nothing is in force before `ordercall policy publish`."""
    from ordercall.bootstrap.policy import as_toml, check, in_force, with_holidays
    from ordercall.domain.policy.holidays import holidays_in

    try:
        named = holidays_in(year, state)
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from wrong
    found = in_force(read_settings())
    draft = _checked(found, _text_of(file)) if file.exists() else check(found, as_toml(found))
    file.write_text(with_holidays(found, draft, named), encoding="utf-8")
    for day, name in named.items():
        click.echo(f"{day}  {name}")
    if state and named == holidays_in(year):
        click.echo(f"No holidays of {state.upper()}'s own are known for {year}; write those by hand.")
    click.echo(f"Their days are in {file}; take out those on which you call. Next: `ordercall policy publish {file}`.")


@policy.command("try")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=DRAFT)
@click.option("--days", type=click.IntRange(1, 365), default=30, help="How many days of orders it is played over.")
@click.option("--list", "listed", is_flag=True, help="List each order about which it would have done otherwise.")
def try_(file: Path, days: int, listed: bool) -> None:
    """Play a draft over the orders that came, as they arrived; nobody is called or cancelled by it. Ctrl-C stops it."""
    from ordercall.bootstrap.policy import in_force, trial_of

    settings = read_settings()
    draft = _checked(in_force(settings), _text_of(file))
    with trial_of(settings, draft, days) as tried:
        trial = _played(tried, file)
        stopped = f" (stopped, of {trial.number:,})" if trial.fault else ""
        orders = f"{trial.tally.orders:,} orders of the last {days} days{stopped}"
        click.echo(f"{orders}, by this draft of version {trial.made_from}:")
        for line in _told(trial.tally):
            click.echo(line)
        for order in tried.differing() if listed else ():
            click.echo(
                f"{order.order_name or order.shopify_id}: {'; '.join(map(_in_words(settings), order.differences))}"
            )
    if trial.fault:
        sys.exit(INTERRUPTED)


@policy.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=DRAFT)
@click.option("--yes", is_flag=True, help="Publish without asking.")
def publish(file: Path, yes: bool) -> None:
    """Put a draft in force: from then on nobody is called by an older version."""
    from ordercall.bootstrap.policy import in_force
    from ordercall.bootstrap.policy import publish as put_in_force

    settings, text = read_settings(), _text_of(file)  # read once: an editor may save it while the question stands
    found = in_force(settings)
    draft = _checked(found, text)
    _tell(draft.changed)
    _warn(found.policy, draft.policy)
    if not draft.changed or not (yes or click.confirm("Publish that?")):
        return
    version, _ = put_in_force(settings, text, found.policy.version)
    click.echo(f"Version {version} is in force.")


def _played(tried: Any, file: Path) -> Any:
    """Play a trial to its end, or until Ctrl-C: what it came to until then is told all the same."""
    try:
        with click.progressbar(length=1, label=f"Playing {file}", file=sys.stderr) as bar:
            return tried.play(lambda done, of: _advance(bar, done, of))
    except KeyboardInterrupt:
        return tried.stop()


def _warn(before: Policy, after: Policy) -> None:
    """Name the days on which people in India are newly rung outside the hours that most shops keep, and what has
    cancels leave sooner."""
    from ordercall.domain.policy.changes import days_beyond_the_rule, lets_cancels_go

    beyond = [day for day in days_beyond_the_rule(after.when) if day not in days_beyond_the_rule(before.when)]
    if beyond:
        click.echo(f"{', '.join(beyond)}: people in India would be rung before 9:00 or after 21:00.")
        click.echo("TRAI, the regulator, keeps promotional calls to 9 to 21, and most shops keep all calls to them.")
    if looser := lets_cancels_go(before.belt, after.belt):
        click.echo(f"{'; '.join(looser)}: orders would be cancelled in Shopify sooner, or more of them.")
        click.echo("What has left cannot be called back.")


def _checked(found: Any, text: str) -> Any:
    from ordercall.bootstrap.policy import check

    try:
        return check(found, text)
    except PolicyFaults as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(1)


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as wrong:
        raise click.UsageError(f"{file} is no text in UTF-8; save it as UTF-8.") from wrong


def _tell(changed: list[str]) -> None:
    for line in changed or ["It changes nothing of the policy in force."]:
        click.echo(line)


def _told(tally: Tally) -> list[str]:
    lines = ["", "Called, or why not:", *_counted([("Called", tally.called), *tally.left_out])]
    lines += ["", "Languages:", *_counted(tally.spoken)]
    hours = [(f"from {hour}:00", number) for hour, number in sorted(tally.hours.items())]
    lines += ["", "When they would have been rung:", *_counted(hours)]
    if tally.waiting:
        lines += ["", f"{tally.waiting:>10,}  cancels would have waited in Ordercall first"]
    lines += ["", "Otherwise than it was done:", *_counted(tally.changes[:DIFFERENCES_SHOWN])]
    return lines if tally.changes else [*lines, "      none"]


def _counted(counted: list[tuple[str, int]]) -> list[str]:
    return [f"{number:>10,}  {word}" for word, number in counted]


def _in_words(settings: Settings) -> Callable[[Difference], str]:
    zone = settings.display_timezone
    return lambda one: one.in_words(lambda at: f"{at.astimezone(zone):%d %b, %H:%M}")


def _advance(bar: Any, done: int, of: int) -> None:
    bar.length = max(of, 1)
    bar.update(done - bar.pos)
