"""``ordercall erase`` and ``ordercall person export``, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from makers import NOW, ORDER_ID, make_body, make_headers, make_settings
from ordercall.bootstrap.web import create_app
from ordercall.cli import cli

PHONE, EMAIL = "+919876543210", "meera.shah@example.org"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the database of a shop with one order."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "orders.db"
    app = create_app(make_settings(path), clock=lambda: NOW)
    body = make_body(phone=PHONE, email=EMAIL)
    assert app.test_client().post("/shopify/webhook", data=body, headers=make_headers(body)).status_code == 200
    app.extensions["ordercall"].db.close()
    return path


def run(shop: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, env={"DATABASE_PATH": str(shop)})


@pytest.mark.parametrize(
    "named", [("--phone", "98765 43210"), ("--email", EMAIL.upper()), ("--order", str(ORDER_ID))], ids=lambda a: a[0]
)
def test_who_is_erased_is_shown_before_and_nowhere_after(shop: Path, named: tuple[str, str]) -> None:
    before = json.loads(run(shop, "person", "export", *named).output)

    erased = run(shop, "erase", *named, "--yes")

    assert before["orders"][0]["customer_phone"] == PHONE
    assert EMAIL in before["deliveries"][0]["body"]
    assert "orders: 1\n" in erased.output
    after = run(shop, "person", "export", "--phone", PHONE, "--order", str(ORDER_ID)).output
    assert json.loads(after)["orders"][0]["shopify_id"] == ORDER_ID
    assert PHONE not in after
    assert EMAIL not in after
    assert PHONE.encode() not in shop.read_bytes()


def test_nobody_is_erased_without_a_yes_or_a_name(shop: Path) -> None:
    assert run(shop, "erase", "--phone", PHONE).exit_code == 1
    assert run(shop, "erase").exit_code == 2
    assert PHONE in run(shop, "person", "export", "--phone", PHONE).output
    assert run(shop, "db", "rewrite").exit_code == 0


def test_the_audit_log_tells_of_both_and_names_nobody(shop: Path) -> None:
    run(shop, "person", "export", "--phone", PHONE)
    run(shop, "erase", "--email", EMAIL, "--yes")

    told = run(shop, "audit", "export").output

    acts = [row["act"] for row in map(json.loads, told.splitlines())]
    assert [act for act in acts if act.startswith("customer")] == ["customer_exported", "customer_erased"]
    assert PHONE not in told
    assert EMAIL not in told
