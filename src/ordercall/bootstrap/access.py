"""What lets people in beside their passwords; apart from the other parts, because the worker has no use for it."""

from __future__ import annotations

from ordercall.bootstrap.parts import Clock, people_of
from ordercall.config import Settings
from ordercall.domain.alert_addresses import mail_server
from ordercall.domain.second_factor import FactorKeys
from ordercall.providers.issuer import Issuer
from ordercall.services.issuer_sign_in import BACK, IssuerSignIn
from ordercall.services.lasting_secrets import lasting_secrets
from ordercall.services.link_mail import LinkMail
from ordercall.services.second_factor import SecondFactors
from ordercall.storage.engine.database import Database


def second_factors_of(db: Database, settings: Settings, clock: Clock) -> SecondFactors:
    return SecondFactors(db, FactorKeys.of(lasting_secrets(settings)), clock, settings.second_factor_for)


def link_mail_of(db: Database, settings: Settings, clock: Clock) -> LinkMail | None:
    """Return what sends links by e-mail, where a server and an address to send from are set."""
    server = mail_server(settings.smtp_url) if settings.smtp_url else None
    sender = server and (server.sender or next(iter(settings.alert_email_to), ""))
    return LinkMail(db, server, sender, settings.display_timezone, clock) if server and sender else None


def issuer_sign_in_of(db: Database, settings: Settings, clock: Clock) -> IssuerSignIn | None:
    """Return by what people log in who have an account elsewhere, where an issuer is set."""
    if not settings.oidc_issuer:
        return None
    client = settings.oidc_client_id, settings.oidc_client_secret
    issuer, back = Issuer(settings.oidc_issuer, settings.oidc_label, *client), f"{settings.public_url}{BACK}"
    return IssuerSignIn(db, people_of(db, settings, clock), issuer, settings.oidc_domains, back, clock)
