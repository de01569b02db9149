"""A receiver of alerts that may be slow, or refuse them."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hook:
    """A web hook: answers with its status, after its delay, and keeps what it took."""

    def __init__(self) -> None:
        self.status = 200
        self.delay = 0.0
        self.asked = 0  # deliveries begun
        self.taken: list[str] = []
        self.bodies: list[str] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                hook.asked += 1
                time.sleep(hook.delay)
                if hook.status == 200:
                    hook.taken.append(body["title"])
                    hook.bodies.append(body["message"])
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Its apprise address."""
        return f"json://127.0.0.1:{self.server.server_port}/"

    def close(self) -> None:
        """Lets go of the port."""
        self.server.shutdown()
        self.server.server_close()
