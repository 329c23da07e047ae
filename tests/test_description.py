"""The page that leads from the original description to this program names only what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ordercall.bootstrap.web import create_app
from ordercall.config import read_settings

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "description.md").read_text()
PATHS = sorted(set(re.findall(r"`((?:src/|\.env\.|app\.)[^`]+)`", PAGE)))
NAMES = re.findall(r"`(src/[^`]+\.py)`, `(\w+)`", PAGE)
DOORS = {
    "who is logged in": "session",
    "everybody": "nobody",
    "who signs with the secret": "signature",
    "who has the token, or is logged in": "token_or_session",
    "likewise, and this machine while `APP_ENV` is development": "this_machine_or_token",
}


@pytest.mark.parametrize("path", PATHS)
def test_every_path_of_the_page_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("path", "name"), NAMES)
def test_every_name_of_the_page_stands_in_its_file(path: str, name: str) -> None:
    assert re.search(rf"^(def |class |){name}\b", (ROOT / path).read_text(), re.MULTILINE)


def test_the_files_of_the_description_are_all_there() -> None:
    described = re.findall(r"^\| `((?:services|templates)/[^`]+)` \| `src/ordercall/([^`]+)`", PAGE, re.MULTILINE)

    assert len(described) == 7
    assert [name for name, here in described if name != here] == []


def test_every_address_of_the_page_is_answered_behind_the_door_that_it_names(tmp_path: Path) -> None:
    app = create_app(read_settings({"DATABASE_PATH": str(tmp_path / "orders.db")}))
    app.extensions["ordercall"].db.close()
    doors = {
        f"{method} {rule.rule}": getattr(app.view_functions[rule.endpoint], "door", "")
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }

    named: dict[str, str] = {}
    who = ""
    for addresses, said in re.findall(r"^\| (`(?:GET|POST) .*?) \| .*? \| (.*?) \|$", PAGE, re.MULTILINE):
        who = who if said == "likewise" else DOORS[said]
        named |= dict.fromkeys(re.findall(r"`([^`]+)`", addresses), who)

    assert len(named) == 13
    assert {address: doors.get(address) for address in named} == named
