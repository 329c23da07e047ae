"""Every page and state against axe-core: WCAG 2.2 AA and its best practices, light and dark, wide and narrow."""

from __future__ import annotations

import pytest
from chromium import NARROW, ROOT, WIDE
from complaints import Complaints
from playwright.sync_api import Page
from scenes import SCENES, enter

from web_app import Shop

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """(rules) => axe.run({ runOnly: rules, resultTypes: ["violations"] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`)))"""


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_breaks_no_rule(page: Page, shop: Shop, complaints: Complaints, name: str) -> None:
    scene = SCENES[name]
    enter(scene, page, shop, complaints)
    page.evaluate(AXE.read_text())  # by the debugger, which the content policy does not bind

    broken = {}
    for width in [NARROW] if scene.narrow else [WIDE, NARROW]:
        page.set_viewport_size(width)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            broken[f"{theme}, {width['width']} px"] = page.evaluate(RUN, RULES)
    assert {where: rules for where, rules in broken.items() if rules} == {}
