"""The commands ``ordercall alerts``: whether somebody on call would hear."""

from __future__ import annotations

import sys

import click

from ordercall.config import read_settings
from ordercall.errors import ConfigurationError

NONE_SET = "No channel is set, so nobody is told: set ALERT_EMAIL_TO and SMTP_URL, ALERT_SLACK_URL or ALERT_URL."


@click.group()
def alerts() -> None:
    """Tell somebody when something begins to be wrong, and when it ends."""


@alerts.command("test")
def try_() -> None:
    """Send a test by each channel that is set; ends with 1 if one does not arrive."""
    from ordercall.bootstrap.alerts import try_channels

    came = try_channels(read_settings())
    if not came:
        raise ConfigurationError([NONE_SET])
    for name, fault in came.items():
        click.echo(f"{name}: {f'not delivered, {fault}' if fault else 'delivered'}")
    sys.exit(any(came.values()))
