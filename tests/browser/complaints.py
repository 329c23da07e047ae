"""What a browser complains of while a test works with it: errors of scripts, of loading, of the content policy."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, WebError

OFFLINE = ("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_", "ERR_CONTENT_LENGTH_MISMATCH", "Failed to fetch")
"""What was under way is cut off, too: a browser asks for the icon when the page is there already."""

TELL_POLICY = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`The content policy forbids ${event.violatedDirective}: ${event.blockedURI}`));
"""


class Complaints:
    """Gathers them from every page of some contexts. A test says beforehand which of them belong to what it does."""

    def __init__(self) -> None:
        self._heard: list[str] = []
        self._expected: list[str] = []

    def listen(self, context: BrowserContext) -> None:
        context.add_init_script(TELL_POLICY)
        context.on("console", self._hear)
        context.on("weberror", self._hear_error)

    def expect(self, *parts: str) -> None:
        """Take complaints that hold these texts for what is to come."""
        self._expected += parts

    def unexpected(self) -> list[str]:
        return [text for text in self._heard if not any(part in text for part in self._expected)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._heard.append(f"{message.text} at {message.location['url']}")

    def _hear_error(self, error: WebError) -> None:
        self._heard.append(str(error.error))
