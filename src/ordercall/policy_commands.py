"""The commands ``ordercall policy``: looking at the rules about calls, changing them, and trying a change first."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ordercall.config import read_settings
from ordercall.domain.policy_document import PolicyFaults

if TYPE_CHECKING:
    from ordercall.domain.policy import When
    from ordercall.services.policy_trial import Trial

DRAFT = "policy.toml"
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
    text = file.read_text(encoding="utf-8") if file.exists() else as_toml(found)
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
    from ordercall.domain.holidays import holidays_in

    try:
        named = holidays_in(year, state)
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from wrong
    found = in_force(read_settings())
    draft = _checked(found, file) if file.exists() else check(found, as_toml(found))
    file.write_text(with_holidays(found, draft, named), encoding="utf-8")
    for day, name in named.items():
        click.echo(f"{day}  {name}")
    if state and named == holidays_in(year):
        click.echo(f"No holidays of {state.upper()}'s own are known for {year}; write those by hand.")
    click.echo(f"Their days are in {file}; take out those on which you call. Next: `ordercall policy publish {file}`.")


@policy.command("try")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=DRAFT)
@click.option("--days", type=click.IntRange(1, 365), default=30, help="How many days of orders it is played over.")
def try_(file: Path, days: int) -> None:
    """Play a draft over the orders that came, as they arrived; nothing is changed."""
    from ordercall.bootstrap.policy import in_force, try_out

    settings = read_settings()
    found = in_force(settings)
    draft = _checked(found, file)
    with click.progressbar(length=1, label=f"Playing {file}", file=sys.stderr) as bar:
        trial = try_out(settings, draft, days, lambda done, of: _advance(bar, done, of))
    click.echo(f"{trial.orders:,} orders of the last {days} days, by this draft of version {found.policy.version}:")
    for line in _told(trial):
        click.echo(line)


@policy.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=DRAFT)
@click.option("--yes", is_flag=True, help="Publish without asking.")
def publish(file: Path, yes: bool) -> None:
    """Put a draft in force: from then on nobody is called by an older version."""
    from ordercall.bootstrap.policy import in_force
    from ordercall.bootstrap.policy import publish as put_in_force

    settings = read_settings()
    found = in_force(settings)
    draft = _checked(found, file)
    _tell(draft.changed)
    _warn(found.policy.when, draft.policy.when)
    if not draft.changed or not (yes or click.confirm("Publish that?")):
        return
    version, _ = put_in_force(settings, file.read_text(encoding="utf-8"), found.policy.version)
    click.echo(f"Version {version} is in force.")


def _warn(before: When, after: When) -> None:
    """Name the days on which people in India are newly rung outside the hours that most shops keep."""
    from ordercall.domain.policy_changes import days_beyond_the_rule

    beyond = [day for day in days_beyond_the_rule(after) if day not in days_beyond_the_rule(before)]
    if beyond:
        click.echo(f"{', '.join(beyond)}: people in India would be rung before 9:00 or after 21:00.")
        click.echo("TRAI, the regulator, keeps promotional calls to 9 to 21, and most shops keep all calls to them.")


def _checked(found: Any, file: Path) -> Any:
    from ordercall.bootstrap.policy import check

    try:
        return check(found, file.read_text(encoding="utf-8"))
    except PolicyFaults as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(1)


def _tell(changed: list[str]) -> None:
    for line in changed or ["It changes nothing of the policy in force."]:
        click.echo(line)


def _told(trial: Trial) -> list[str]:
    lines = ["", "Called, or why not:", *_counted(trial.answers), "", "Languages:", *_counted(trial.languages)]
    hours = Counter({f"from {hour:02}:00": number for hour, number in sorted(trial.hours.items())})
    lines += ["", "When they would have been rung:", *(f"{number:>10,}  {hour}" for hour, number in hours.items())]
    changes = trial.differences.most_common(DIFFERENCES_SHOWN)
    lines += ["", "Otherwise than it was done:", *(f"{number:>10,}  {was} → {now}" for (was, now), number in changes)]
    return lines if changes else [*lines, "      none"]


def _counted(counter: Counter[str]) -> list[str]:
    return [f"{number:>10,}  {word}" for word, number in counter.most_common()]


def _advance(bar: Any, done: int, of: int) -> None:
    bar.length = max(of, 1)
    bar.update(done - bar.pos)
