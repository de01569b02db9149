"""A small HTTP server for the sample outlet and for the trouble server: loopback, threads, stdlib."""

import gzip
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

log = logging.getLogger(__name__)

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
_GZIP_FROM = 512  # bytes: below, compression costs more than it saves


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client asks; `path` decoded and without the query, header names in lower case."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the client gets. A `body` that is not bytes is streamed, chunk by chunk."""

    status: int = 200
    content_type: str = HTML
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False  # close the connection in the middle of the stream


Application = Callable[[Request], Reply]


def conditional(request: Request, reply: Reply, modified: datetime) -> Reply:
    """`reply` with ETag and Last-Modified, or 304 where the client has it already."""
    if not isinstance(reply.body, bytes):
        raise TypeError("a streamed reply has no ETag")
    etag = f'W/"{sha256(reply.body).hexdigest()[:20]}"'  # weak: gzip changes the bytes
    validators = {
        "ETag": etag,
        "Last-Modified": format_datetime(modified.astimezone(UTC), usegmt=True),
        "Cache-Control": "no-cache",
    }
    fresh = _is_fresh(request, etag, modified)
    return Reply(
        status=304 if fresh else reply.status,
        content_type=reply.content_type,
        body=b"" if fresh else reply.body,
        headers={**reply.headers, **validators},
    )


def _is_fresh(request: Request, etag: str, modified: datetime) -> bool:
    if known := request.headers.get("if-none-match"):
        return etag.removeprefix("W/") in known
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return modified.replace(microsecond=0) <= since.replace(tzinfo=since.tzinfo or UTC)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "DongTinSample"
    sys_version = ""
    server: "_HttpServer"

    def do_GET(self) -> None:  # the name that http.server looks for
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(path=unquote(urlsplit(self.path).path), headers=headers)
        reply = self.server.application(request)
        try:
            if isinstance(reply.body, bytes):
                self._send_whole(request, reply, reply.body, with_body=with_body)
            else:
                self._send_stream(reply, reply.body, with_body=with_body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client had enough: nothing is wrong here

    def _send_head(self, reply: Reply, extra: Mapping[str, str]) -> None:
        self.send_response(reply.status)
        if reply.content_type:
            self.send_header("Content-Type", reply.content_type)
        for name, value in {**reply.headers, **extra}.items():
            self.send_header(name, value)
        self.end_headers()

    def _send_whole(self, request: Request, reply: Reply, body: bytes, *, with_body: bool) -> None:
        extra = {"Vary": "Accept-Encoding"}
        accepts = "gzip" in request.headers.get("accept-encoding", "")
        if accepts and len(body) >= _GZIP_FROM and "Content-Encoding" not in reply.headers:
            body = gzip.compress(body, mtime=0)
            extra["Content-Encoding"] = "gzip"
        self._send_head(reply, {**extra, "Content-Length": str(len(body))})
        if with_body:
            self.wfile.write(body)

    def _send_stream(self, reply: Reply, body: Iterable[bytes], *, with_body: bool) -> None:
        self._send_head(reply, {"Transfer-Encoding": "chunked"})
        if not with_body:
            return
        for chunk in body:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.flush()
        if reply.cut:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        log.debug("%s %s", self.address_string(), format % args)


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client that reads slowly must not hold up the end
    request_queue_size = 128

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, _Handler)
        self.application: Application = lambda _: Reply(status=503)


class Server:
    """Serves an application from a thread of its own, or from the calling one.

    Port 0 takes a free one; `base_url` tells which. The socket listens from the start.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, host: str, port: int) -> None:
        self._http = _HttpServer((host, port))
        self._thread: threading.Thread | None = None
        self.base_url = f"http://{host}:{self._http.server_port}"

    def mount(self, application: Application) -> None:
        """What answers from now on; until then every answer is 503."""
        self._http.application = application

    def start(self) -> Self:
        """Serve from a thread."""
        self._thread = threading.Thread(target=self._serve, name="outlet", daemon=True)
        self._thread.start()
        return self

    def _serve(self) -> None:
        self._http.serve_forever(poll_interval=0.05)

    def serve_forever(self) -> None:
        """Serve from this thread until another one, or a signal's handler, raises."""
        try:
            self._serve()
        finally:
            self._http.server_close()

    def stop(self) -> None:
        """Stop the thread and give the port back."""
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
