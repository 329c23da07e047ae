"""``ordercall shopify connect``: checks the app in its shop, and repairs its webhooks.

It stands beside ``bootstrap`` and ``doctor`` and may look into every room; nobody but ``cli`` calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ordercall.config import Settings
from ordercall.doctor.findings import Grade
from ordercall.doctor.shopify import access, version
from ordercall.domain.topics import PRIVACY
from ordercall.errors import ProviderRefused
from ordercall.providers.shopify.app import Installed, ShopifyApp
from ordercall.providers.shopify.subscriptions import Deed, Step, Subscription, plan, topics_for

NOT_SEEN = (
    "No app can see webhooks that were made by hand under Settings, Notifications, nor those in the app's own\n"
    "configuration; look at those in Shopify. What comes twice does no harm."
)
COMPLIANCE = (
    "{topics} cannot be asked for here: name the address\n"
    "{address} for them in the app's configuration (compliance webhooks)."
)
WORDS = {Deed.CREATE: "create", Deed.REPAIR: "repair"}
DONE = {Deed.CREATE: "created", Deed.REPAIR: "repaired"}


def connect(
    app: ShopifyApp,
    settings: Settings,
    now: datetime,
    *,
    with_holds: bool,
    address: str,
    say: Callable[[object], None],
    agrees: Callable[[str], bool],
) -> bool:
    """Look, ask, mend, and return whether all is well in the end.

    Args:
        with_holds: parcels are held until their customers have answered.
        address: where this installation takes webhooks.
        say: is given each line.
        agrees: asks a person whether to make the changes.

    Raises:
        ProviderError: Shopify could not be asked; what was changed until then stays changed.
    """
    installed = app.installed()
    well = _look_at_access(installed, settings, now, with_holds, say)
    found = app.subscriptions()
    steps = plan(found, address, topics_for(installed.scopes, holds=with_holds))
    say("\nWebhooks that this app asked for:")
    for step in steps:
        say(f"  {step.topic:<18} {step.in_words}{_other_version(step.subscription, settings)}")
    say(f"\n{NOT_SEEN}")
    say(COMPLIANCE.format(topics=", ".join(sorted(PRIVACY)), address=address))
    wrong = [step for step in steps if step.deed is not Deed.NOTHING]
    return _mend(app, wrong, address, say, agrees) and well


def _look_at_access(
    installed: Installed, settings: Settings, now: datetime, with_holds: bool, say: Callable[[object], None]
) -> bool:
    findings = [*access(installed, settings, with_holds=with_holds), version(settings, now, installed.served_version)]
    for finding in findings:
        say(finding)
    return all(finding.grade is not Grade.FAILURE for finding in findings)


def _other_version(subscription: Subscription | None, settings: Settings) -> str:
    """Bodies are written in the version of the subscription; another one than ours is shown, and harms nothing."""
    if subscription is None or subscription.api_version == settings.shopify_api_version:
        return ""
    return f", written in {subscription.api_version}"


def _mend(
    app: ShopifyApp, steps: list[Step], address: str, say: Callable[[object], None], agrees: Callable[[str], bool]
) -> bool:
    if not steps:
        say(f"\nAll of them come to {address}; there is nothing to change.")
        return True
    numbers = {deed: sum(step.deed is deed for step in steps) for deed in WORDS}
    wanted = " and ".join(f"{WORDS[deed]} {number}" for deed, number in numbers.items() if number)
    if not agrees(f"\n{wanted.capitalize()}, so that they come to {address}?"):
        say("Nothing was changed.")
        return False
    done = [_carry_out(app, step, address, say) for step in steps]
    return all(done)


def _carry_out(app: ShopifyApp, step: Step, address: str, say: Callable[[object], None]) -> bool:
    """Create or repair one webhook; a refusal is shown, and the next one is tried all the same."""
    try:
        if step.subscription is None:
            app.subscribe(step.topic, address)
        else:
            app.repair(step.subscription, address)
    except ProviderRefused as refusal:
        say(f"  {step.topic:<18} {refusal}.")
        return False
    say(f"  {step.topic:<18} {DONE[step.deed]}")
    return True
