"""Prometheus and Alertmanager as they are shipped, beside `dongtin up`: Debian's programs, on loopback. Only
ports, addresses, folders and waits are changed; rules, jobs, labels and routes are the shipped ones."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml

from connectors.local.ports import LOOPBACK, free_port
from tests.debian import movable, program
from tests.pipeline.running import until

SHIPPED = Path(__file__).resolve().parents[2] / "deploy" / "prometheus"
UP = "127.0.0.1:9777"  # as it stands in the shipped file
_ALERTMANAGER = "prometheus-alertmanager"
_TEMPLATES = "/usr/share/prometheus/alertmanager"
TOKEN = "a token from a file"


class Pager:
    """Takes what Alertmanager sends to its webhook."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []  # authorization, message
        pager = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                pager.calls.append((self.headers["Authorization"], json.loads(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://{LOOPBACK}:{self.server.server_port}/"

    def told(self, alert: str) -> list[str]:
        """The states in which an alert was told, in their order."""
        return [
            str(one["status"])
            for _, message in self.calls
            for one in message["alerts"]
            if one["labels"]["alertname"] == alert
        ]


class Monitoring:
    """A Prometheus and an Alertmanager that run.

    Args:
        folder: for their files and data.
        up: port of the `dongtin up` that is watched.
    """

    def __init__(self, folder: Path, up: int) -> None:
        self.folder = folder
        self.up = f"{LOOPBACK}:{up}"
        self.pager = Pager()
        self.prometheus = f"{LOOPBACK}:{free_port()}"
        self.alertmanager = f"{LOOPBACK}:{free_port()}"

    def ask(self, path: str, **words: str) -> Any:
        """An answer of Prometheus's API, or what it complains of."""
        try:
            with urlopen(f"http://{self.prometheus}/api/v1/{path}?{urlencode(words)}") as answer:
                return json.load(answer)["data"]
        except HTTPError as error:
            raise AssertionError(f"{path} {words}: {error.read().decode()}") from error

    def query(self, expr: str) -> list[Any]:
        """What an expression finds now."""
        found: list[Any] = self.ask("query", query=expr)["result"]
        return found

    def alerts(self) -> list[dict[str, str]]:
        """The labels of the alerts that Alertmanager holds as active."""
        with urlopen(f"http://{self.alertmanager}/api/v2/alerts?active=true") as answer:
            return [alert["labels"] for alert in json.load(answer)]

    def try_out(self, alert: str, severity: str) -> None:
        """Gives Alertmanager an alert on trial, by the command that docs/monitoring.md shows."""
        amtool = program(_ALERTMANAGER, "usr/bin/amtool")
        words = ["--alertmanager.url", f"http://{self.alertmanager}", "alert", "add", alert]
        subprocess.run([amtool, *words, f"severity={severity}"], check=True)

    def configure(self) -> None:
        """Writes the shipped files with our addresses."""
        self._write("prometheus.yml", self._prometheus())
        self._write("alertmanager.yml", self._alertmanager())
        rules = yaml.safe_load((SHIPPED / "rules.yml").read_text(encoding="utf-8"))
        for group in rules["groups"]:
            for rule in group["rules"]:
                rule["for"] = "2s"
        self._write("rules.yml", rules)

    def _write(self, name: str, value: Any) -> None:
        (self.folder / name).write_text(yaml.safe_dump(value), encoding="utf-8")

    def _prometheus(self) -> Any:
        text = (SHIPPED / "up.yml").read_text(encoding="utf-8")
        assert UP in text
        config = yaml.safe_load(text.replace(UP, self.up))
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        config["alerting"]["alertmanagers"] = [
            {"static_configs": [{"targets": [self.alertmanager]}]}
        ]
        return config

    def _alertmanager(self) -> Any:
        (self.folder / "token").write_text(TOKEN)
        config = yaml.safe_load((SHIPPED / "alertmanager.yml").read_text(encoding="utf-8"))
        config["global"]["smtp_smarthost"] = f"{LOOPBACK}:9"  # nobody
        for route in (config["route"], *config["route"]["routes"]):
            route |= {"group_wait": "1s", "group_interval": "1s"}
        for receiver in config["receivers"]:
            for hook in receiver.get("webhook_configs", ()):
                hook["url"] = self.pager.url
                hook["http_config"]["authorization"]["credentials_file"] = str(
                    self.folder / "token"
                )
        return config

    def commands(self) -> tuple[list[str], list[str]]:
        """How the two are started."""
        return (
            [
                str(program("prometheus", "usr/bin/prometheus")),
                f"--config.file={self.folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={self.folder / 'data'}",
                f"--web.listen-address={self.prometheus}",
            ],
            [
                str(movable(_ALERTMANAGER, f"usr/bin/{_ALERTMANAGER}", _TEMPLATES, self.folder)),
                f"--config.file={self.folder / 'alertmanager.yml'}",
                f"--storage.path={self.folder / 'silences'}",
                f"--web.listen-address={self.alertmanager}",
                "--cluster.listen-address=",
            ],
        )


def _ready(address: str, running: list[subprocess.Popen[bytes]], log: Path) -> bool:
    """Whether somebody answers and says that he can; an end instead is told with the last of the log."""
    assert all(process.poll() is None for process in running), log.read_text()[-1000:]
    try:
        with urlopen(f"http://{address}/-/ready") as answer:
            return bool(answer.status == 200)
    except OSError:  # 503 while it reads its data, and nobody before
        return False


@contextmanager
def monitoring(folder: Path, up: int) -> Iterator[Monitoring]:
    """Both, for as long as the context lasts, watching the `dongtin up` that has this port."""
    made = Monitoring(folder, up)
    made.configure()
    with (folder / "log").open("wb") as log:
        running = [
            subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
            for command in made.commands()
        ]
    try:
        for address in (made.prometheus, made.alertmanager):
            until(partial(_ready, address, running, folder / "log"), f"an answer on {address}")
        yield made
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(60)
        made.pager.server.shutdown()
