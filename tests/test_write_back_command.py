"""``ordercall shopify write-back``, as a person types it; nothing is asked of Shopify by it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ordercall.cli import cli, main

SHOP = {"SHOPIFY_STORE_DOMAIN": "nobody", "SHOPIFY_ACCESS_TOKEN": "shpat_0", "SHOPIFY_ADMIN_URL": "http://127.0.0.1:9"}


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(
        cli, ["shopify", "write-back", *arguments], env={"DATABASE_PATH": "orders.db"} | environment
    )


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_says_that_the_policy_has_nothing_written() -> None:
    result = run("--days", "7", **SHOP)

    assert (result.exit_code, "The policy has nothing written to Shopify" in result.output) == (1, True)


def test_it_says_how_many_orders_are_in_line() -> None:
    CliRunner().invoke(
        cli, ["policy", "show"], env={"DATABASE_PATH": "orders.db"} | SHOP | {"SHOPIFY_TAG_FAILED": "no"}
    )
    result = run("--days", "7", **SHOP)

    assert result.exit_code == 0, result.output
    assert result.output.startswith("0 orders are in line.")


def test_it_names_the_settings_without_which_nothing_can_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_PATH", "orders.db")

    with pytest.raises(SystemExit):
        main(["shopify", "write-back", "--days", "7"])

    assert "SHOPIFY_STORE_DOMAIN" in capsys.readouterr().err


@pytest.mark.parametrize("days", ["0", "61", "soon"])
def test_it_takes_days_that_shopify_shows(days: str) -> None:
    assert run("--days", days, **SHOP).exit_code == 2
