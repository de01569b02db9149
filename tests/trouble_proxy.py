"""A proxy before Elasticsearch that makes trouble with what is written."""

import contextlib
import json
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, get_args

Trouble = Literal[
    "none", "429", "503", "hang", "lost", "garbage", "refused", "slow", "bad-item"
]  # fmt: skip
TROUBLES: tuple[Trouble, ...] = get_args(Trouble)[1:]

_WRITES = re.compile(r"/_(?:bulk|create|update|doc)\b")
_SLOW = 1.0  # seconds
_BUSY = b'{"error":{"type":"es_rejected_execution_exception","reason":"x"}}'


class TroubleProxy:
    """Stands before Elasticsearch. `trouble` names what happens to writes:

    `none`, `429`, `503`: that answer; `hang`: none; `lost`: they are applied, and the answer does
    not come; `garbage`: an answer of something else; `refused`: nobody listens; `slow`: they take a
    second longer; `bad-item`: one item of each bulk is refused for now, the others are applied.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.trouble: Trouble = "none"
        self.troubled = 0  # writes that met it
        self.released = threading.Event()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self._server: ThreadingHTTPServer | None = None
        self.listen()

    @property
    def url(self) -> str:
        """Its address, which stays the same."""
        return f"http://127.0.0.1:{self._port}"

    def make(self, trouble: Trouble) -> None:
        """Changes what happens from now on."""
        self.trouble = trouble
        if trouble == "refused":
            self.close()
        elif self._server is None:
            self.listen()

    def listen(self) -> None:
        """Takes connections."""
        self._server = _Server(("127.0.0.1", self._port), _handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Takes no connections any more."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """Passes a request on, or makes trouble."""
        trouble = self.trouble
        if trouble == "refused":  # a connection from before
            handler.close_connection = True
            return
        if trouble == "none" or not _WRITES.search(handler.path):
            _reply(handler, *self._pass_on(handler, body))
            return
        self.troubled += 1
        if trouble in ("429", "503"):
            _reply(handler, int(trouble), _BUSY)
        elif trouble == "garbage":
            _reply(handler, 200, b'{"items":[],"errors":false}')
        elif trouble == "bad-item" and "_bulk" in handler.path:
            _reply(handler, *self._without_one(handler, body))
        elif trouble in ("slow", "bad-item"):
            time.sleep(_SLOW if trouble == "slow" else 0.0)
            _reply(handler, *self._pass_on(handler, body))
        else:
            self._silent(handler, body, applied=trouble == "lost")

    def _silent(self, handler: BaseHTTPRequestHandler, body: bytes, *, applied: bool) -> None:
        if applied:
            self._pass_on(handler, body)
        self.released.wait(5 if applied else 30)
        handler.close_connection = True

    def _without_one(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        """Applies all but one item of a bulk, and says of that one that the server is busy."""
        items = _items(body)
        (head, *_rest) = items.pop(len(items) // 2)
        place = (len(items) + 1) // 2
        ((op, target),) = json.loads(head).items()
        refused = {"_index": target["_index"], "_id": target["_id"], "status": 429}
        refused["error"] = {"type": "es_rejected_execution_exception", "reason": "x"}
        told: dict[str, Any] = {"errors": True, "took": 1, "items": []}
        if items:
            left = b"".join(line + b"\n" for item in items for line in item)
            status, answer = self._pass_on(handler, left)
            if status != 200:
                return status, answer
            told = json.loads(answer)
        told["items"].insert(place, {op: refused})
        return 200, json.dumps(told | {"errors": True}).encode()

    def _pass_on(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        names = ("content-type", "accept")
        headers = {name: handler.headers[name] for name in names if handler.headers[name]}
        request = urllib.request.Request(
            self.target + handler.path, body or None, headers, method=handler.command
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return int(answer.status), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """The server behind it is away: the client sees a connection that ends."""


def _handler(proxy: TroubleProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            proxy.answer(self, body)

        do_POST = do_PUT = do_HEAD = do_DELETE = do_GET

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _items(body: bytes) -> list[list[bytes]]:
    """A bulk's items, each with its one or two lines."""
    lines, found = iter(body.splitlines()), list[list[bytes]]()
    for head in lines:
        found.append([head] if "delete" in json.loads(head) else [head, next(lines)])
    return found


def _reply(handler: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    with contextlib.suppress(OSError):  # the client may have given up
        handler.send_response(status)
        handler.send_header("content-type", "application/vnd.elasticsearch+json")
        handler.send_header("x-elastic-product", "Elasticsearch")
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)
