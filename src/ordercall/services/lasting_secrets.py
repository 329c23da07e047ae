"""The secrets of which the keys are made by which something is kept."""

from __future__ import annotations

from ordercall.config import Settings
from ordercall.domain.do_not_call import IN_DEVELOPMENT


def lasting_secrets(settings: Settings) -> tuple[str, ...]:
    """Return the secrets of what must outlast a start, the one of new entries first.

    In development, where FLASK_SECRET_KEY may be another at each start, entries have a key that everybody knows. It
    counts in production too, for the shop that goes there with its database.
    """
    secret, old = settings.flask_secret_key, settings.flask_old_secret_key
    return (secret, old, IN_DEVELOPMENT) if settings.production else (IN_DEVELOPMENT, secret, old)
