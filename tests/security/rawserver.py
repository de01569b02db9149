"""A server that sends any bytes it is told to: what a web server's library would refuse to send."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from types import TracebackType

Answer = Callable[[], Iterable[bytes]]
HTML = "text/html; charset=utf-8"


def answer(body: bytes, kind: str = HTML, status: str = "200 OK", **headers: str) -> Answer:
    """One well-formed answer; `Content_Encoding="gzip"` is a header."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode() + b"\r\nConnection: close\r\n\r\n"
    return lambda: [head + body]


def redirect(location: str) -> Answer:
    """An answer that sends elsewhere."""
    return answer(b"", status="302 Found", Location=location)


def endless(begin: bytes, more: bytes, pause: float = 0.0) -> Answer:
    """An answer that never ends: `more` again and again, `pause` seconds apart."""

    def pieces() -> Iterator[bytes]:
        yield begin
        while True:
            time.sleep(pause)
            yield more

    return pieces


class RawServer:
    """Answers each path with what `answers` has for it, anything else with 404.

    Attributes:
        asked: how often each path was asked for.
        connections: how many were made, requests or not.
        most_sent: bytes of the longest answer that was taken, by path.
    """

    def __init__(self, answers: dict[str, Answer] | None = None, family: int = socket.AF_INET):
        self.answers = answers if answers is not None else {}
        self.asked: Counter[str] = Counter()
        self.most_sent: Counter[str] = Counter()
        self.connections = 0
        self._socket = socket.socket(family)
        self._socket.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        self._socket.listen(64)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "RawServer":
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            asked = b""
            while b"\r\n\r\n" not in asked and (more := connection.recv(65536)):
                asked += more
            path = asked.split(b" ")[1].decode() if b" " in asked else ""
            self.asked[path] += 1
            sent = 0
            for piece in self.answers.get(path, answer(b"", status="404 Not Found"))():
                connection.sendall(piece)
                sent += len(piece)
                self.most_sent[path] = max(self.most_sent[path], sent)
