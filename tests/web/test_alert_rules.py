"""The rules and the dashboard that come along: what they ask for is there, and each alert has its page."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from shutil import which
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from ordercall.domain.activity import Event
from ordercall.domain.alerts import Alert
from source import ROOT
from web_app import Shop

RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "ordercall.json"
OF_A_HISTOGRAM = ("_bucket", "_count", "_sum")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions(of: Any) -> Iterator[str]:
    """Yield every PromQL expression in a document."""
    if isinstance(of, dict):
        yield from (value for name, value in of.items() if name == "expr")
        of = list(of.values())
    if isinstance(of, list):
        for one in of:
            yield from expressions(one)


def asked() -> list[str]:
    return [*expressions(rules()), *expressions(json.loads(DASHBOARD.read_text()))]


def shown(shop: Shop) -> set[str]:
    names = set()
    for family in text_string_to_metric_families(shop.client().get("/metrics").text):
        ends = {"histogram": OF_A_HISTOGRAM, "counter": ("_total",)}.get(family.type, ("",))
        names |= {f"{family.name}{end}" for end in ends}
    return names


def test_every_metric_that_rules_and_dashboard_name_is_shown(shop: Shop) -> None:
    named = {name for each in asked() for name in re.findall(r"\b(?:ordercall|process)_\w+", each)}

    assert len(named) > 20
    assert named - shown(shop) == set()


def test_every_event_that_they_name_happens() -> None:
    named = {pattern for each in asked() for pattern in re.findall(r'event=~?"([^"]+)"', each)}

    assert named
    assert [pattern for pattern in named if not any(re.fullmatch(pattern, event) for event in Event)] == []


def sections() -> dict[str, str]:
    """Return what the operations say of each alert, by the end of its address."""
    found = re.split(r"^#### Alert: ([a-z-]+)$", (ROOT / "docs" / "operations.md").read_text(), flags=re.M)
    return {f"alert-{name}": text.partition("\n## ")[0] for name, text in zip(found[1::2], found[2::2], strict=True)}


def test_every_alert_has_its_section_in_the_operations_and_every_section_an_alert() -> None:
    addresses = {
        rule["alert"]: rule["annotations"]["runbook_url"].partition("docs/operations.md#")[2] for rule in rules()
    }
    own = {alert.told: f"alert-{alert}" for alert in Alert}
    said = sections()

    of_rules = [alert for alert, address in addresses.items() if f"`{alert}`" not in said.get(address, "")]
    of_ours = [told for told, address in own.items() if f"*{told}* (Ordercall" not in said.get(address, "")]

    assert (of_rules, of_ours) == ([], [])
    assert set(said) == {*addresses.values(), *own.values()}


def test_every_rule_is_named_in_one_section_alone() -> None:
    named = [name for text in sections().values() for name in re.findall(r"`(Ordercall\w+)`", text)]

    assert sorted(named) == sorted(rule["alert"] for rule in rules())


@pytest.mark.skipif(which("promtool") is None, reason="promtool is in Debian's prometheus")
def test_promtool_reads_the_rules() -> None:
    checked = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True)

    assert checked.returncode == 0, checked.stdout + checked.stderr
