"""Setting the switches of a fake provider by name, for the page and for tests in other processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ordercall.sandbox.kalimera import SWITCHES
from ordercall.sandbox.provider import FakeProvider, Mode

WORDS = {
    Mode.NORMAL: ("Normal", "Answers at once."),
    Mode.SLOW: ("Slow", "Waits before it does anything."),
    Mode.LOST: ("Lost answer", "Does the work, but its answer never arrives."),
    Mode.DOWN: ("Down", "Ends every connection before any work."),
}
SECONDS = ("slow_seconds", "lost_seconds", "retry_after", "delay")
FLAGS = (*SWITCHES, "accept_any_order", "may_read_customers", "hides_customers")
LONGEST = 120.0
"""Seconds: longer than any timeout of the product that somebody may want to try."""
MOST = 1_000
"""A fault of more calls, or a rarer one, is not worth waiting for."""

Reader = Callable[[str, Any], Any]
"""Reads the value of a name, or raises ValueError with a sentence for the person who sent it."""


def modes_of(provider: FakeProvider) -> dict[str, tuple[str, str]]:
    """Return the modes that a provider knows, each with its label and its meaning."""
    faults = {mode: (fault.word, fault.meaning) for mode, fault in provider.faults.items()}
    return {mode: faults.get(mode) or WORDS[mode] for mode in Mode} | faults


def control(provider: FakeProvider, wanted: Mapping[str, Any]) -> None:
    """Set what *wanted* names: ``mode``, seconds and flags. With ``next`` the mode holds for that many calls only.

    Raises:
        ValueError: a value cannot be used; nothing is changed then.
    """
    mode = str(wanted.get("mode") or "")
    if mode:
        provider.check(mode)
    values = {name: read_seconds(name, wanted[name]) for name in SECONDS if name in wanted}
    flags = {name: _flag(wanted[name]) for name in FLAGS if name in wanted}
    unknown = [name for name in flags if not hasattr(provider, name)]
    if unknown:
        raise ValueError(f"{provider.name} has no {unknown[0]}.")
    calls = read_count("next", wanted.get("next") or 0)
    for name, value in (values | flags).items():
        setattr(provider, name, value)
    if calls:
        provider.fail_next(calls, mode or Mode.FAILING)
    elif mode:
        provider.switch(mode)


def read_seconds(name: str, value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds <= LONGEST:
        raise ValueError(f"{name} must be a number between 0 and {LONGEST:g}.")
    return seconds


def _flag(value: Any) -> bool:
    return value is True or str(value).casefold() in ("true", "on", "1")


def read_count(name: str, value: Any) -> int:
    """Return a count; an empty field of a form is 0."""
    text = str(value).strip() or "0"
    if not text.isdecimal() or int(text) > MOST:
        raise ValueError(f"{name} must be a number between 0 and {MOST}.")
    return int(text)
