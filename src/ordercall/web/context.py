"""What the views work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from ordercall.config import Settings
from ordercall.domain.parcels.courier_columns import CourierColumns
from ordercall.intake.reception import Reception
from ordercall.intake.refusals import RefusalCounter
from ordercall.intake.report_reception import ReportReception
from ordercall.services.address_proposals import AddressDesk
from ordercall.services.alert_watch import AlertWatch
from ordercall.services.api_keys import ApiKeys
from ordercall.services.bulk_service import BulkService
from ordercall.services.cached_reading import CachedReading
from ordercall.services.call_again import CallAgain
from ordercall.services.cancel_belt import CancelBelt
from ordercall.services.connection_check import ConnectionCheckService
from ordercall.services.decision_service import DecisionService
from ordercall.services.demo import DemoService
from ordercall.services.do_not_call_service import DoNotCallService
from ordercall.services.first_call_service import FirstCallService
from ordercall.services.issuer_sign_in import IssuerSignIn
from ordercall.services.link_mail import LinkMail
from ordercall.services.observation import Family
from ordercall.services.order_service import OrderService
from ordercall.services.parcel_release import ParcelRelease
from ordercall.services.pause_service import PauseService
from ordercall.services.people import People
from ordercall.services.policy_trial import TrialService
from ordercall.services.readiness import Part
from ordercall.services.report_service import ReportService
from ordercall.services.report_words import ReportWords
from ordercall.services.second_factor import SecondFactors
from ordercall.services.shop_service import ShopService
from ordercall.services.write_again import WriteAgain
from ordercall.storage.engine.database import Database
from ordercall.web.access.passwords import Passwords


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in: people and programs, and how passwords and second factors are kept."""

    people: People
    api_keys: ApiKeys
    passwords: Passwords
    factors: SecondFactors
    link_mail: LinkMail | None
    issuer: IssuerSignIn | None


@dataclass(frozen=True, slots=True)
class Signals:
    """How all stands, for machines that ask: whether this one is to be sent anything, and the numbers."""

    readiness: CachedReading[list[Part]]
    observation: CachedReading[list[Family]]


@dataclass(frozen=True, slots=True)
class Context:
    """The collaborators that bootstrap built for this application."""

    settings: Settings
    db: Database
    orders: OrderService
    again: CallAgain
    decisions: DecisionService
    numbers: DoNotCallService
    belt: CancelBelt
    bulk: BulkService
    trials: TrialService
    check: ConnectionCheckService
    first_calls: FirstCallService
    pauses: PauseService
    addresses: AddressDesk
    parcels: ParcelRelease
    write_again: WriteAgain
    shop: ShopService
    demo: DemoService
    reception: Reception
    refusals: RefusalCounter
    reports: ReportService
    words: ReportWords
    couriers: Mapping[str, CourierColumns]
    report_reception: ReportReception
    signals: Signals
    access: Access
    alerts: AlertWatch
    clock: Callable[[], datetime]


def context() -> Context:
    """Return the collaborators of the application that answers this request."""
    found: Context = current_app.extensions["ordercall"]
    return found
