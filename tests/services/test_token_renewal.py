"""A token of a day: asked for once, by one at a time, renewed before its end, and once when it is refused."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from databases import open_at
from gate import Gate
from makers import make_settings
from ordercall.domain.do_not_call import IN_DEVELOPMENT
from ordercall.domain.sealing import SealingKeys
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shopify import FakeShopify
from ordercall.services.shopify_tokens import open_shop, opened, seal_anew
from ordercall.storage.engine.database import Database
from ordercall.storage.records import access_tokens
from waiting import until

APP = "sandbox-client-id@sandbox-shop"
ORDER_ID = int(make_order(1)["id"])
PAIR = {"SHOPIFY_CLIENT_ID": "sandbox-client-id", "SHOPIFY_CLIENT_SECRET": "sandbox-client-secret"}


class Scene:
    """A shop, a database, and as many processes of ours as a test opens. ``now`` is the present of all."""

    def __init__(self, place: dict[str, str]) -> None:
        self.now = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
        self.shopify = FakeShopify(clock=lambda: self.now)
        self.url = ""
        self.gate: Gate
        self.databases: list[Database] = []
        self.opened: list[ShopifyAdmin] = []
        self._place = place

    def process(self, **changes: str) -> ShopifyAdmin:
        """Return the shop as one more process sees it."""
        shop = {"SHOPIFY_ADMIN_URL": f"{self.url}/shopify", "SHOPIFY_STORE_DOMAIN": "sandbox-shop"}
        settings = make_settings(**self._place | shop | {"SHOPIFY_ACCESS_TOKEN": ""} | PAIR | changes)
        self.databases.append(self.database())
        self.opened.append(open_shop(settings, self.databases[-1], lambda: self.now))
        return self.opened[-1]

    def database(self, **options: float) -> Database:
        return open_at(self._place, **options)

    @property
    def grants(self) -> int:
        return sum(call.path.endswith("access_token") for call in self.shopify.calls)

    @property
    def stored(self) -> access_tokens.StoredToken:
        """The token as it stands in the database."""
        with self.databases[0].read() as tx:
            found = access_tokens.find(tx, APP)
        assert found
        return found

    @property
    def token(self) -> str:
        """The token as Shopify gave it."""
        found = opened(self.stored, SealingKeys.of([IN_DEVELOPMENT]).seal_of(APP))
        assert found
        return found.token


@pytest.fixture
def scene(place: dict[str, str]) -> Iterator[Scene]:
    scene = Scene(place)
    scene.shopify.add(make_order(1, created_at="2026-11-24T11:00:00+05:30"))
    sandbox_app = create_sandbox(FakeKalimera(), scene.shopify)
    scene.gate = Gate(sandbox_app)
    with run_in_thread(sandbox_app) as sandbox:
        scene.url = sandbox.url
        yield scene
        for admin in scene.opened:
            admin.close()
        for db in scene.databases:
            db.close()


def read(admin: ShopifyAdmin) -> int:
    """Read the order and return its id: a token was good."""
    return int(admin.rest("read the order", "GET", f"/orders/{ORDER_ID}.json").body["order"]["id"])


def read_by_graphql(admin: ShopifyAdmin) -> str:
    found = admin.graphql(
        "read it", "query($id: ID!) { order(id: $id) { id } }", {"id": f"gid://shopify/Order/{ORDER_ID}"}
    )
    return str(found.data["order"]["id"])


def test_a_token_is_asked_for_once_and_serves_rest_and_graphql(scene: Scene) -> None:
    admin = scene.process()

    assert (read(admin), read_by_graphql(admin)) == (ORDER_ID, f"gid://shopify/Order/{ORDER_ID}")
    assert scene.grants == 1


def test_another_process_uses_the_same_token(scene: Scene) -> None:
    read(scene.process())

    assert read(scene.process()) == ORDER_ID
    assert scene.grants == 1


def test_another_app_and_another_shop_have_their_own_token(scene: Scene) -> None:
    read(scene.process())
    read(scene.process(SHOPIFY_STORE_DOMAIN="other-shop"))

    assert scene.grants == 2


def test_a_token_is_renewed_before_its_end(scene: Scene) -> None:
    admin = scene.process()
    read(admin)
    scene.now += timedelta(hours=23, minutes=29)
    read(admin)
    before = scene.grants
    scene.now += timedelta(minutes=2)

    assert read(admin) == ORDER_ID
    assert (before, scene.grants) == (1, 2)


@pytest.mark.parametrize("ask", [read, read_by_graphql])
def test_a_token_that_shopify_no_longer_knows_is_renewed_at_once(
    scene: Scene, ask: Callable[[ShopifyAdmin], object]
) -> None:
    admin = scene.process()
    ask(admin)
    scene.shopify.tokens.expire()

    ask(admin)

    assert scene.grants == 2


def test_what_another_process_renewed_is_taken_over(scene: Scene) -> None:
    first, second = scene.process(), scene.process()
    read(first), read(second)
    scene.shopify.tokens.expire()
    read(first)

    assert read(second) == ORDER_ID
    assert scene.grants == 2


def test_a_token_that_is_refused_anew_is_not_renewed_again_and_again(scene: Scene) -> None:
    admin = scene.process()
    read(admin)
    scene.shopify.tokens.scopes_of = lambda token: None  # type: ignore[method-assign]

    with pytest.raises(CredentialsRefused, match="401"):
        read(admin)

    assert scene.grants == 2


def test_what_a_token_may_not_do_is_not_mended_by_another(scene: Scene) -> None:
    scene.shopify.tokens.scopes = ()

    with pytest.raises(CredentialsRefused, match="read_orders"):
        read(scene.process())

    assert scene.grants == 1


def test_a_permanent_token_is_not_renewed(scene: Scene) -> None:
    admin = scene.process(SHOPIFY_ACCESS_TOKEN="wrong", SHOPIFY_CLIENT_ID="", SHOPIFY_CLIENT_SECRET="")

    with pytest.raises(CredentialsRefused, match="the token is wrong or revoked"):
        read(admin)

    assert scene.grants == 0


def test_of_all_threads_of_all_processes_one_asks(scene: Scene) -> None:
    processes = [scene.process() for _ in range(3)]
    scene.shopify.delay = 0.2

    def patiently(admin: ShopifyAdmin) -> int:
        while True:
            try:
                return read(admin)
            except ProviderBusy:
                threading.Event().wait(0.05)

    with ThreadPoolExecutor(9) as threads:
        assert set(threads.map(patiently, processes * 3)) == {ORDER_ID}

    assert scene.grants == 1


def test_no_transaction_is_open_while_shopify_answers(scene: Scene) -> None:
    admin, db = scene.process(), scene.database(patience=0.0)
    scene.gate.close()
    with ThreadPoolExecutor(1) as aside:
        asking = aside.submit(read, admin)
        until(scene.gate.waiting, "Shopify is asked for a token")
        with db.begin() as tx:
            lease_is_free = access_tokens.take_lease(tx, APP, now=scene.now, lasts=timedelta(seconds=1))
        scene.gate.open()

    assert (lease_is_free, asking.result()) == (False, ORDER_ID)
    db.close()


def test_who_dies_while_asking_holds_up_the_others_for_a_minute(scene: Scene) -> None:
    admin = scene.process()
    with scene.databases[0].begin() as tx:
        access_tokens.take_lease(tx, APP, now=scene.now, lasts=timedelta(seconds=60))
    with pytest.raises(ProviderBusy, match="another process is asking for one"):
        read(admin)

    scene.now += timedelta(seconds=60)

    assert read(admin) == ORDER_ID


def test_while_the_old_token_is_good_a_failed_renewal_costs_nothing(scene: Scene) -> None:
    admin = scene.process()
    read(admin)
    scene.now += timedelta(hours=23, minutes=45)
    scene.shopify.fail_next(1, Mode.FAILING)

    assert (read(admin), read(admin), scene.grants) == (ORDER_ID, ORDER_ID, 2)

    scene.now += timedelta(minutes=2)

    assert (read(admin), scene.grants) == (ORDER_ID, 3)


def test_a_failed_renewal_without_an_old_token_is_tried_again_at_once(scene: Scene) -> None:
    admin = scene.process()
    scene.shopify.fail_next(1, Mode.FAILING)
    with pytest.raises(OutcomeUnknown):
        read(admin)

    assert read(admin) == ORDER_ID


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"SHOPIFY_CLIENT_SECRET": "wrong"}, "invalid_client. SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET do not"),
        ({"SHOPIFY_CLIENT_ID": "wrong"}, "application_cannot_be_found. Shopify knows no app with this"),
        ({"app_installed": False}, "app_not_installed. The app is not installed in the shop; install it"),
        ({"same_organization": False}, "shop_not_permitted. The app and the shop are not in the same organization"),
    ],
)
def test_a_refusal_says_what_to_do(scene: Scene, change: dict[str, str | bool], told: str) -> None:
    for name, value in change.items():
        if isinstance(value, bool):
            setattr(scene.shopify.tokens, name, value)
    settings = {name: value for name, value in change.items() if isinstance(value, str)}

    with pytest.raises(CredentialsRefused) as refused:
        read(scene.process(**settings))

    assert str(refused.value).startswith(f"Shopify could not give the app a token: {told}")


def test_token_and_secret_stand_in_no_log_and_no_record(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    admin = scene.process()
    read(admin)
    with pytest.raises(CredentialsRefused) as refused:
        read(scene.process(SHOPIFY_CLIENT_SECRET="a-wrong-secret", SHOPIFY_STORE_DOMAIN="other-shop"))

    assert refused.value.call
    shown = f"{caplog.text}{scene.stored!r}{refused.value}{refused.value.call.to_json()}"
    assert [secret for secret in (scene.token, "a-wrong-secret", "sandbox-client-secret") if secret in shown] == []


# -- sealed in the database


def test_who_reads_the_database_finds_no_token(scene: Scene) -> None:
    read(scene.process())

    assert scene.token not in scene.stored.token


def test_a_token_that_is_moved_to_another_row_opens_nothing_there(scene: Scene) -> None:
    read(scene.process())

    assert opened(scene.stored, SealingKeys.of([IN_DEVELOPMENT]).seal_of("an-app@other-shop")) is None


@pytest.mark.parametrize("stored", ["shpat_in_clear", "gAAAAABcut", "", "ह"])
def test_one_in_clear_or_damaged_is_asked_for_anew(scene: Scene, stored: str) -> None:
    read(scene.process())
    with scene.databases[0].begin() as tx:
        access_tokens.put(tx, APP, stored)

    assert (read(scene.process()), scene.grants) == (ORDER_ID, 2)


def test_the_command_seals_by_the_new_key_and_forgets_what_none_opens(scene: Scene) -> None:
    read(scene.process())
    read(scene.process(SHOPIFY_STORE_DOMAIN="other-shop"))
    db, other = scene.databases[0], APP.replace("sandbox-shop", "other-shop")
    for app, secret in ((APP, "the one before"), (other, "one that is lost")):
        with db.begin() as tx:
            access_tokens.put(tx, app, SealingKeys.of([secret]).seal_of(app).close("a token"))

    done = seal_anew(db, SealingKeys.of(["the new one", "the one before"]))
    again = seal_anew(db, SealingKeys.of(["the new one"]))

    assert (done, again) == ((1, 1), (1, 0))
    assert opened(scene.stored, SealingKeys.of(["the new one"]).seal_of(APP)).token == "a token"
    assert read(scene.process(SHOPIFY_STORE_DOMAIN="other-shop")) == ORDER_ID
    assert scene.grants == 3
