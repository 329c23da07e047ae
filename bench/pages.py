"""How soon the pages are there and answer: LCP, CLS and INP in a real Chromium, and what a visit weighs.

``make bench-pages`` measures the installation's own processes on this machine and writes its section of
bench/RESULTS.md. The browser, the server and whatever else runs share the machine, so compare figures of one machine.

Definitions: https://web.dev/articles/vitals. INP is here the slowest of the interactions of one visit.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

from chromium import PASSWORD, WIDE, start_options

import report
from installation import Installation, mixed_orders
from makers import KALIMERA_TOKEN
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import run_in_thread
from waiting import until

ROUNDS = 7
ORDERS = 120
OBSERVE = """
window.vitals = { lcp: 0, cls: 0, inp: 0 };
const observe = (type, hear, more) => new PerformanceObserver((list) => list.getEntries().forEach(hear))
  .observe({ type, buffered: true, ...more });
observe("largest-contentful-paint", (entry) => { vitals.lcp = entry.startTime; });
observe("layout-shift", (entry) => { if (!entry.hadRecentInput) vitals.cls += entry.value; });
observe("event", (entry) => { if (entry.interactionId) vitals.inp = Math.max(vitals.inp, entry.duration); },
        { durationThreshold: 16 });
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """Milliseconds until the largest paint and of the slowest interaction, shift, and weight of first and second."""

    lcp: float
    cls: float
    inp: float
    kilobytes: float
    requests: int
    again: float


def use_dashboard(page: Page) -> None:
    page.locator("#tabs a", has_text="Placed").click()
    page.locator(".rows .box").nth(2).click()
    page.keyboard.press("j")
    page.get_by_role("searchbox").press_sequentially("hetal", delay=60)
    page.wait_for_url("**q=hetal**")


def use_order(page: Page) -> None:
    page.locator("a.opt", has_text="Failed").click()
    page.get_by_role("button", name="Keep order").click()
    page.get_by_label("Note for your colleagues").press_sequentially("six", delay=60)


def use_report(page: Page) -> None:
    page.get_by_text("Show the numbers").click()
    page.keyboard.press("j")


def use_login(page: Page) -> None:
    page.get_by_label("Username").press_sequentially("admin", delay=60)
    page.get_by_role("button", name="Show password").click()


def visit(browser: Browser, state: Any, address: str, use: Any) -> Visit:
    """Open a page with nothing kept, use it, and open it again."""
    context = browser.new_context(viewport=WIDE, storage_state=state)
    page = context.new_page()
    page.add_init_script(OBSERVE)
    first = weigh(page, address)
    use(page)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))")
    vitals = page.evaluate("vitals")
    again = weigh(page, address)
    context.close()
    return Visit(vitals["lcp"], vitals["cls"], vitals["inp"], sum(first) / 1024, len(first), sum(again) / 1024)


def weigh(page: Page, address: str) -> list[int]:
    """Load a page and return the bytes of each answer that came over the wire."""
    sizes: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(address, wait_until="networkidle")
    session.detach()
    return [size for size in sizes if size]


def logged_in(browser: Browser, url: str) -> Any:
    page = browser.new_page()
    page.goto(f"{url}/login")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/")
    return page.context.storage_state()


def measure(shop: Installation, order_id: int) -> dict[str, list[Visit]]:
    """Visit each page in turn, round after round, so that a slow moment of the machine meets all of them."""
    visits: dict[str, list[Visit]] = {"dashboard": [], "order": [], "report": [], "login": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**start_options())
        state = logged_in(browser, shop.url)
        for _ in range(ROUNDS):
            visits["dashboard"].append(visit(browser, state, f"{shop.url}/", use_dashboard))
            visits["order"].append(visit(browser, state, f"{shop.url}/orders/{order_id}", use_order))
            visits["report"].append(visit(browser, state, f"{shop.url}/reports/placed", use_report))
            visits["login"].append(visit(browser, None, f"{shop.url}/login", use_login))
        browser.close()
    return visits


def goals(visits: dict[str, list[Visit]]) -> str:
    """Return the medians as a table, with what is aimed at below them."""
    rows = []
    for name, rounds in visits.items():
        of = {column: median(getattr(one, column) for one in rounds) for column in Visit.__slots__}
        figures = f"{of['lcp'] / 1000:.2f} {of['cls']:.3f} {of['inp']:.0f} {of['kilobytes']:.1f} {of['requests']:.0f}"
        rows.append([name, *figures.split(), f"{of['again']:.1f}"])
    head = ["page", "LCP, s", "CLS", "INP, ms", "first visit, KB", "requests", "again, KB"]
    return report.table(head, [*rows, ["goal, at most", "0.80", "0.010", "100", "70", "8", "12"]])


def section(visits: dict[str, list[Visit]]) -> str:
    where = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    return f"""    make bench-pages

Medians of {ROUNDS} visits at 1440 px to an installation with {ORDERS} orders of today, browser and server on one
machine ({where}). INP is the slowest interaction of a visit: a tab, a tick, a key, a search; a dialog and a note.

{goals(visits)}"""


def main() -> None:
    kalimera = FakeKalimera(token=KALIMERA_TOKEN)
    with tempfile.TemporaryDirectory() as folder, run_in_thread(create_sandbox(kalimera)) as sandbox:
        shop = Installation(Path(folder), sandbox.url, ADMIN_PASSWORD=PASSWORD)
        shop.start()
        try:
            orders = mixed_orders(ORDERS)
            for order in orders:
                shop.deliver(order)
            until(lambda: shop.on_campaign() == ORDERS, "all are on the campaign", seconds=120)
            visits = measure(shop, orders[-1]["id"])
        finally:
            shop.kill()
    report.write("Pages", section(visits))
    sys.stdout.write(goals(visits) + "\n")


if __name__ == "__main__":
    main()
