"""The settings: each is declared once, and whatever names or explains one agrees with that."""

from __future__ import annotations

import re
from io import StringIO

from dotenv import dotenv_values

from ordercall.config import SETTINGS, read_settings
from ordercall.domain.calls.calling import Reason
from ordercall.processes.sandbox_settings import wants_sandbox, with_sandbox
from setting_documents import EXAMPLE, OPERATIONS, example, table
from source import ROOT, SOURCE

SECRET = re.compile(r".*_(SECRET|SECRET_KEY|TOKEN|PASSWORD)|(DATABASE|SMTP|ALERT|ALERT_SLACK)_URL")
ACCOUNT = re.compile(r"(KALIMERA|SHOPIFY)_.*(SECRET|TOKEN|_ID|_ID_EN|_ID_HI|_URL|DOMAIN)")
PROVIDER_SETTING = re.compile(r"\b(?:KALIMERA|SHOPIFY)_[A-Z_]+\b")


def test_the_example_says_what_is_declared() -> None:
    assert EXAMPLE.read_text() == example(), "make settings writes it anew"


def test_the_documented_table_says_what_is_declared() -> None:
    assert table() in OPERATIONS.read_text(), "make settings writes it anew"


def test_the_example_starts_as_it_stands_against_the_sandbox() -> None:
    environment = {name: value or "" for name, value in dotenv_values(stream=StringIO(example())).items()}

    assert read_settings(environment).app_env == "development"
    assert wants_sandbox(environment)


def test_every_setting_of_a_provider_that_is_named_anywhere_exists() -> None:
    files = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    named = {name for file in files for name in PROVIDER_SETTING.findall(file.read_text())}

    assert "KALIMERA_AUTH_TOKEN" in named
    assert named - SETTINGS.keys() - Reason.__members__.keys() == set()


def test_the_sandbox_puts_nothing_in_the_place_of_what_somebody_chose() -> None:
    chosen = {name: "chosen" for name, setting in SETTINGS.items() if setting.says and not setting.account}
    sandboxed = with_sandbox(chosen)

    assert sandboxed.keys() <= SETTINGS.keys()
    assert {name for name in chosen if sandboxed[name] != "chosen"} == set()


def test_what_is_named_like_a_secret_is_declared_as_one() -> None:
    assert {name for name in SETTINGS if SECRET.fullmatch(name)} == {
        name for name, setting in SETTINGS.items() if setting.secret
    }


def test_what_names_or_proves_an_account_is_declared_so() -> None:
    assert {name for name in SETTINGS if ACCOUNT.fullmatch(name)} == {
        name for name, setting in SETTINGS.items() if setting.account
    }
