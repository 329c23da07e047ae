"""What of an address on the web may be shown: a proxy may be told a name and password in it, or a key in its query."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def without_secrets(address: str) -> str | None:
    """Return an address with a sign in place of what may be a secret; None: nobody can tell what is one in it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    _, at, host = parts.netloc.rpartition("@")
    return urlunsplit(
        parts._replace(
            netloc=f"…@{host}" if at else host,
            query="…" if parts.query else "",
            fragment="…" if parts.fragment else "",
        )
    )
