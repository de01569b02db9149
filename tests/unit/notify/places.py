"""Places that alerts are sent to: small servers on this machine, and an address in memory."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from connectors.local.ports import free_port
from connectors.notify.channels import Channel
from connectors.notify.digest import EACH, Digest
from streams.errors import Retry
from streams.records import Alert


class Address:
    """An address in memory that fails as often as it is told to, and keeps what it gets."""

    def __init__(
        self, name: str, fails: int = 0, error: Exception | None = None, digest: Digest = EACH
    ) -> None:
        self.messages: list[list[str]] = []
        self.left = fails
        self.error = error or Retry("refused", after=0.0)
        self.room = digest.most  # alerts that one message holds
        self.poison: str | None = None  # an alert that makes every message with it fail
        self.channel = Channel(address=name, digest=digest, send=self.send, test=lambda: "sent")

    @property
    def got(self) -> list[str]:
        """The ids of the alerts, in the order of their arrival."""
        return [id for message in self.messages for id in message]

    def send(self, alerts: Sequence[Alert]) -> int:
        """Takes a message, or fails."""
        ids = [alert.id for alert in alerts][: self.room]
        if self.left or self.poison in ids:
            self.left = max(0, self.left - 1)
            raise self.error
        self.messages.append(ids)
        return len(ids)


@dataclass(kw_only=True)
class Taken:
    """A request as it arrived."""

    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass
class WebServer:
    """Takes every POST; answers with `status`, `headers` and `answer`."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b"ok"
    taken: list[Taken] = field(default_factory=list)
    starting: int = 0  # answers to GET that are 503 before they are 200

    def __post_init__(self) -> None:
        place = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                place.taken.append(Taken(path=self.path, headers=headers, body=body))
                self.send_response(place.status)
                for name, value in place.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(place.answer)))
                self.end_headers()
                self.wfile.write(place.answer)

            def do_GET(self) -> None:
                self.send_response(503 if place.starting else 200)
                place.starting = max(0, place.starting - 1)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Lets go of the port."""
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Mailbox:
    """A mail server with one box; answers 451 (try again later) while it is `closed`."""

    url: str  # its apprise address
    closed: bool = False
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """aiosmtpd hands over one mail."""
        if self.closed:
            return "451 try again later"
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server that runs."""
    port = free_port()
    people = "from=dongtin@toasoan.example&to=truc@toasoan.example"
    box = Mailbox(f"mailto://127.0.0.1:{port}/?{people}")
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
