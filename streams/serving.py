"""What a process tells to whoever asks on its one port: /metrics, /health, /health/live, /health/ready,
and pages of JSON that it has beside them."""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from socket import AF_INET6
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import REGISTRY, make_wsgi_app

from streams.health import PROCESS, Health
from streams.settings import Metrics

Begin = Callable[..., Any]
Environment = dict[str, Any]
#: A page's value, made for the host by whose name it was asked: `127.0.0.1`, `[::1]`, `dongtin.example`.
Page = Callable[[str], Any]

#: Requests that are answered at once; others wait for the operating system's queue.
_AT_ONCE = 16
_SECONDS = 10.0  # for one request to arrive, and for its answer to be taken


class _Handler(WSGIRequestHandler):
    timeout = _SECONDS  # of socketserver: a caller who says nothing holds no thread for ever

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a line for each scrape would bury all others."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    _slots = threading.BoundedSemaphore(_AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Waits for a slot, so that callers can't make threads without end."""
        self._slots.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answers one caller."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a caller who went away is no news."""


class _Server6(_Server):
    address_family = AF_INET6


def answer(health: Health, path: str) -> tuple[HTTPStatus, dict[str, Any]] | None:
    """What is said of a process's health: 200 when fine, else 503; None for another path.

    Returns: for `/health` name, live, ready and the reasons why not; for `/health/live` and
        `/health/ready` name, that one answer, and its reasons.
    """
    live, ready = health.live(), health.ready()
    told: dict[str, Any] = {"process": health.name}
    match path:
        case "/health/live":
            verdict = live
            told |= {"live": live.fine}
        case "/health/ready":
            verdict = ready
            told |= {"ready": ready.fine}
        case "/health":
            verdict = ready
            told |= {"live": live.fine, "ready": ready.fine}
        case _:
            return None
    status = HTTPStatus.OK if verdict.fine else HTTPStatus.SERVICE_UNAVAILABLE
    return status, told | {"reasons": list(verdict.reasons)}


def serve(
    settings: Metrics, health: Health = PROCESS, pages: Mapping[str, Page] | None = None
) -> str:
    """Serves this process's figures and health in threads of its own; returns where: `http://.../metrics`.

    Args:
        pages: more of it, by path.

    Raises:
        OSError: the port is taken.
    """
    metrics = make_wsgi_app(REGISTRY)
    more = pages or {}

    def app(environment: Environment, begin: Begin) -> Iterable[bytes]:
        path = str(environment.get("PATH_INFO", "")).rstrip("/")
        if path in ("", "/metrics"):
            figures: Iterable[bytes] = metrics(environment, begin)
            return figures
        if path in more:
            status, value = HTTPStatus.OK, more[path](_host(environment))
        else:
            told = answer(health, path)
            there = ", ".join(("/metrics", "/health", *more))
            status, value = told or (HTTPStatus.NOT_FOUND, {"error": there})
        body = json.dumps(value, ensure_ascii=False).encode() + b"\n"
        head = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        begin(f"{status.value} {status.phrase}", head)
        return [body]

    kind = _Server6 if ":" in settings.host else _Server
    server = make_server(settings.host, settings.port, app, kind, _Handler)
    threading.Thread(target=server.serve_forever, daemon=True, name="serving").start()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{server.server_port}/metrics"


def _host(environment: Environment) -> str:
    """The host by whose name the caller asked: one that listens on all addresses has no other."""
    asked = str(environment.get("HTTP_HOST") or environment["SERVER_NAME"])
    host, colon, port = asked.rpartition(":")
    return host if colon and port.isdigit() else asked
