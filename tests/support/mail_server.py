"""A mail server that takes every letter, or answers as a test says, and remembers what it was given."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage

from waiting import LONG


class MailServer(socketserver.ThreadingTCPServer):
    """What it was given: ``letters``, their ``recipients``, ``logins``, and the number of ``sessions``.

    ``answers``: by how a command begins (small letters), what is said to it in place of yes. ``drips``: it says one
    byte after the other, without an end, until the other side hangs up. ``chatters``: many lines at once.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.forget()
        self.let_go = threading.Event()
        self.port: int = self.server_address[1]
        self.url = f"smtp://127.0.0.1:{self.port}?from=ordercall@shop.example"

    def forget(self) -> None:
        self.letters: list[EmailMessage] = []
        self.logins: list[tuple[str, str]] = []
        self.recipients: list[str] = []
        self.answers: dict[str, str] = {}
        self.sessions = 0
        self.drips = self.chatters = False

    @property
    def subjects(self) -> list[str]:
        return [str(letter["Subject"]) for letter in self.letters]


class Session(socketserver.StreamRequestHandler):
    """One client's session."""

    server: MailServer

    def handle(self) -> None:
        self.server.sessions += 1
        with suppress(ConnectionError):  # whoever hangs up has heard enough
            if self.server.drips or self.server.chatters:
                self.say_without_end()
            else:
                self.talk()

    def talk(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline().strip().decode(errors="replace"):  # a client may begin with TLS
            if line.upper() == "QUIT":
                self.say("221 bye")
                return
            command, answers = line.lower(), self.server.answers.items()
            told = next((words for begins, words in answers if command.startswith(begins)), None)
            if told is None:
                self.answer(line)
            else:
                self.say(told)

    def answer(self, line: str) -> None:
        if line.upper().startswith("EHLO"):
            self.say("250-here\r\n250 AUTH PLAIN")
        elif line.startswith("AUTH PLAIN"):
            _, user, password = base64.b64decode(line.split()[-1]).decode().split("\0")
            self.server.logins.append((user, password))
            self.say("235 welcome")
        elif line.upper() == "DATA":
            self.say("354 go on")
            self.take_letter()
        else:
            self.server.recipients += [line[8:].strip("<>")] * line.upper().startswith("RCPT")
            self.say("250 fine")

    def take_letter(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.letters.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self.say("250 taken")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def say_without_end(self) -> None:
        piece, pause = (b"220-and\r\n" * 1_000, 0.0) if self.server.chatters else (b"2", 0.05)
        while not self.server.let_go.wait(pause):
            self.wfile.write(piece)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run one for the block."""
    with MailServer() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.let_go.set()
        running.shutdown()
        thread.join(LONG)
