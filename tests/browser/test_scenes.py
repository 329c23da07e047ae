"""Every page and state on every width: nothing scrolls sideways, and axe-core finds neither a breach of WCAG 2.2 AA nor
of its best practices, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chromium import NARROW, ROOT, WIDE
from complaints import Complaints
from playwright.sync_api import Page
from scenes import SCENES, enter

from web_app import Shop

WIDTHS = (320, NARROW["width"], 768, 1024, 1280, WIDE["width"], 2560)
SCROLLED = "document.documentElement.scrollWidth"

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""axe's rules about colours, which are all that differs between the themes."""

RUN = """(rules) => axe.run({ runOnly: rules, resultTypes: ["violations"], preload: false }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`)))"""
"""Only of violations, and no rule of these reads the stylesheets, which axe would load once more before it runs."""


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_breaks_no_rule_and_scrolls_nowhere_sideways(
    page: Page, shop: Shop, complaints: Complaints, name: str
) -> None:
    scene = SCENES[name]
    enter(scene, page, shop, complaints)
    page.evaluate(AXE)  # by the debugger, which the content policy does not bind

    wrong = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": NARROW["height"] if width < 768 else WIDE["height"]})
        if (pixels := page.evaluate(SCROLLED) - width) > 0:
            wrong[f"{width} px"] = f"{pixels} px too wide"
        if width == NARROW["width"] or (width == WIDE["width"] and not scene.narrow):
            wrong |= {f"{theme}, {width} px": broken for theme, broken in broken_rules(page) if broken}
    assert wrong == {}


def broken_rules(page: Page) -> Iterator[tuple[str, list[str]]]:
    """Yield what is broken in the light, and what of the colours in the dark."""
    ways: list[tuple[Any, Any]] = [("light", RULES), ("dark", COLOURS)]
    for theme, rules in ways:
        page.emulate_media(color_scheme=theme)
        yield theme, page.evaluate(RUN, rules)
