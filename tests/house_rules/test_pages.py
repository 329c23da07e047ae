"""The pages: templates that can be read and break no policy, routes with a door, words for every event."""

from __future__ import annotations

import re
from pathlib import Path

from ordercall.bootstrap.web import create_app
from ordercall.config import read_settings
from ordercall.domain.activity import Event
from ordercall.web.view.timeline import WORDS
from source import SOURCE

DOORS = {"session", "token_or_session", "this_machine_or_token", "way_in", "loopback_or_token", "signature", "nobody"}


def test_a_line_of_a_template_is_as_short_as_one_of_the_code() -> None:
    templates = sorted((SOURCE / "templates").glob("*.html"))

    long = [
        f"{path.name}:{number}"
        for path in templates
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 120
    ]

    assert templates
    assert long == []


def test_templates_hold_nothing_that_the_content_policy_forbids() -> None:
    forbidden = re.compile(r"\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|hx-on|hx-trigger=\"[^\"]*\[|\|safe")
    templates = [*(SOURCE / "templates").glob("*.html"), *(SOURCE / "sandbox" / "templates").glob("*.html")]

    assert [path.name for path in templates if forbidden.search(path.read_text())] == []


def test_every_route_names_its_door(tmp_path: Path) -> None:
    app = create_app(read_settings({"DATABASE_PATH": str(tmp_path / "orders.db")}))
    app.extensions["ordercall"].db.close()

    without = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if getattr(view, "door", None) not in DOORS and endpoint != "static"
    }

    assert without == set()


def test_every_event_has_words_for_the_timeline() -> None:
    assert set(WORDS) == set(Event)
