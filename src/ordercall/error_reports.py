"""Errors sent to Sentry, where SENTRY_DSN is set; else nothing of it is loaded.

Sentry's library takes local variables, request bodies and the last lines of the log with it, in which there are phones
and addresses. So all of that is off, and what it makes all the same is not cleaned but left: a new event is made of the
few fields that are named here.
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from ordercall import trail
from ordercall.environment import Unusable

SAID = ("event_id", "timestamp", "level", "logger", "platform", "release", "environment")
OF_A_FRAME = ("module", "function", "filename", "lineno", "in_app")


def dsn(text: str) -> str:
    """Read where errors are sent to.

    Raises:
        Unusable: it is no address, or what sends them is not installed.
    """
    if not text:
        return ""
    if urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname:
        raise Unusable("is no DSN; Sentry shows it under Settings, Client Keys.")
    if find_spec("sentry_sdk") is None:
        raise Unusable("is set, and the package that sends errors is not installed: pip install 'ordercall[sentry]'")
    return text


def send_errors(to: str, environment: str) -> None:
    """Have what this process logs as an error sent there; nowhere if *to* is empty. It starts a thread."""
    if not to:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=to,
        environment=environment,
        release=version("ordercall"),
        server_name="ordercall",
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        before_send=only_what_is_named,
    )


def only_what_is_named(event: Any, hint: Any) -> Any:
    """Return a new event: where and of which kind an error is, the log's sentence without its values, and the id."""
    del hint
    sent = {name: event[name] for name in SAID if name in event}
    sentence = (event.get("logentry") or {}).get("message")
    if sentence:
        sent["logentry"] = {"message": sentence}
    sent["exception"] = {"values": [_raised(one) for one in (event.get("exception") or {}).get("values") or []]}
    if about := trail.current():
        sent["tags"] = {"correlation_id": about}
    return sent


def _raised(one: Any) -> dict[str, Any]:
    frames = ((one.get("stacktrace") or {}).get("frames")) or []
    places = [{name: frame[name] for name in OF_A_FRAME if name in frame} for frame in frames]
    return {"type": one.get("type"), "module": one.get("module"), "stacktrace": {"frames": places}}
