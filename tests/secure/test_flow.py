"""The whole way of an article with security on: TLS and a user of its own for every process."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit

import psutil
import pytest
import yaml
from elasticsearch import AuthorizationException

from connectors.elasticsearch import admin as search_admin
from connectors.elasticsearch import search
from connectors.elasticsearch.client import connect
from connectors.kafka import acls, admin
from connectors.kafka.pace import BEHIND, MOST_LEFT, Pace
from connectors.kafka.reading import beginnings, read
from connectors.kafka.sending import send
from connectors.stack import runfiles
from connectors.stack.alerts import all_alerts
from connectors.stack.figures import STAGES
from streams import topics
from streams.errors import Denied
from streams.secret import Secret
from streams.settings import Kafka, Settings
from tests.pipeline.conftest import seed_page
from tests.pipeline.running import DONGTIN, Pages, outlet, until
from tests.secure.servers import DEPLOY, SecureElasticsearch, SecureKafka, secure_servers

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

COMPOSE = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text(encoding="utf-8"))
KEY = "05-CT/TW"
TEXT = """Xã đọc lại chỉ thị bên bếp lửa
Tối thứ bảy, chi bộ thôn đọc lại Chỉ thị 05-CT/TW của Bộ Chính trị ngay tại nhà văn hóa, vì trời mưa.
Người đến dự ngồi quây bên bếp, ai cũng kể một việc đã làm được trong tháng vừa qua.
Bí thư chi bộ Lò Văn Tính ghi từng việc vào sổ, hẹn tháng sau đọc lại cho cả thôn nghe."""


@dataclass(kw_only=True)
class Place:
    """Secured servers, and stages that run on them."""

    folder: Path
    secrets: Path
    kafka: SecureKafka
    search: SecureElasticsearch
    config: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def environment(self, service: str) -> dict[str, str]:
        """What docker-compose.yml gives to a process, with this machine's addresses."""
        told = COMPOSE["services"][service]
        (mount,) = [one for one in told["volumes"] if isinstance(one, dict)]
        folder = str(self.secrets / mount["volume"]["subpath"])
        given = {
            key: value.replace("/run/dongtin", folder) for key, value in told["environment"].items()
        }
        given["DONGTIN_CONFIG"] = str(
            self.config
        )  # the file that compose mounts, in its place here
        given["DONGTIN_KAFKA_BOOTSTRAP"] = self.kafka.address
        if "DONGTIN_ELASTICSEARCH_URL" in given:
            given["DONGTIN_ELASTICSEARCH_URL"] = self.search.address
        given |= {"DONGTIN_METRICS_HOST": "127.0.0.1", "DONGTIN_METRICS_PORT": "0"}
        given["DONGTIN_DATA_DIR"] = str(self.folder / "data")
        return os.environ | given

    def command(self, service: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A dongtin command in a service's place, to its end."""
        return subprocess.run(
            [*DONGTIN, *words],
            env=self.environment(service) | more,
            capture_output=True,
            text=True,
        )

    def start(self, stage: str) -> None:
        """A stage as its own user; all in one data folder, as the crawler's is the ledger's too."""
        with (self.folder / f"{stage}.log").open("wb") as log:
            self.processes[stage] = subprocess.Popen(
                [*DONGTIN, stage], env=self.environment(stage), stdout=log, stderr=subprocess.STDOUT
            )

    def stop(self) -> dict[str, int]:
        """Ends the stages; their exit statuses."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        return {stage: process.wait(60) for stage, process in self.processes.items()}

    def words(self) -> list[str]:
        """Every secret there is."""
        kinds = ("password", "key", "secret", "token")
        files = [f for f in self.secrets.rglob("*") if f.name.endswith(kinds)]
        found = [file.read_text(encoding="ascii").strip() for file in files]
        return [word.splitlines()[1] if "BEGIN" in word else word for word in found]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Set up by the user `setup`, at work, with one article on its way to the end."""
    folder = tmp_path_factory.mktemp("secure")
    pages = Pages({"/bai.html": seed_page(TEXT)})
    config = folder / "dongtin.toml"
    config.write_text(
        "[crawler]\npoll = 1.0\npause = 0.02\n[enrich]\nlanes = 1\n"
        + outlet("bao", f"{pages.url}/rss.xml"),
        encoding="utf-8",
    )
    with ExitStack() as stack:
        secrets, kafka, found = stack.enter_context(secure_servers(folder))
        pages.server.start()
        stack.callback(pages.server.stop)
        here = Place(folder=folder, secrets=secrets, kafka=kafka, search=found, config=config)
        made = here.command("setup", "setup", "--acls", str(DEPLOY / "kafka/acls.tsv"))
        assert made.returncode == 0, made.stdout + made.stderr
        stack.callback(here.stop)
        for stage in STAGES:
            here.start(stage)
        yield here


def _arrived(place: Place) -> bool:
    for stage, process in place.processes.items():
        log = (place.folder / f"{stage}.log").read_text(encoding="utf-8")
        assert process.poll() is None, log
    return bool(_alerts(place)) and _documents(place) == {KEY}


def _alerts(place: Place) -> list[str]:
    return [alert["document"] for alert in all_alerts(place.folder / "data" / "alerts.jsonl")]


def _documents(place: Place) -> set[str]:
    with connect(place.search.server("ledger")) as client:
        return set(search.documents(client, "dongtin"))


def test_an_article_goes_the_whole_way(place: Place) -> None:
    """One page in: its document searchable, its alert told, the ledger balanced."""
    until(lambda: _arrived(place), "the article to arrive")
    (alert,) = all_alerts(place.folder / "data" / "alerts.jsonl")
    assert (alert["document"], alert["novelty"], alert["outlet_name"]) == (KEY, "new-to-us", "bao")
    assert "tư tưởng, đạo đức, phong cách Hồ Chí Minh" in alert["document_title"]  # the catalogue's
    assert alert["sentence"].startswith("Tối thứ bảy, chi bộ thôn đọc lại Chỉ thị 05-CT/TW")
    assert alert["url"].endswith("/bai.html")

    def balanced() -> bool:
        told = place.command("ledger", "ledger", "--json")
        return told.returncode == 0 and json.loads(told.stdout)["indexed"] == 1

    until(balanced, "the ledger to balance", pause=1.0)


def test_the_health_check_of_the_compose_file_finds_each_stage_ready(place: Place) -> None:
    """Its very command, but for the port: with security on every server answers every stage."""
    for stage in STAGES:
        _cmd, _python, *words = COMPOSE["services"][stage]["healthcheck"]["test"]
        port = urlsplit(_metrics(place, stage)).port
        asked = [sys.executable, *(word.replace(":9100/", f":{port}/") for word in words)]
        until(lambda asked=asked: subprocess.run(asked).returncode == 0, f"{stage} to be ready")  # type: ignore[misc]


def _metrics(place: Place, stage: str) -> str:
    """Where a stage shows its figures."""
    path = place.folder / "data" / "run" / f"{stage}.json"
    until(path.exists, f"{stage} to say where it is")
    return str((runfiles.read(path) or {})["metrics"])


def _page(address: str) -> str:
    """What it says, also that it can't work for the moment."""
    try:
        with urllib.request.urlopen(address) as answer:
            return str(answer.read().decode())
    except HTTPError as error:
        with error:
            return error.read().decode()


def test_no_secret_is_shown(place: Place) -> None:
    """Neither by `ps`, nor by logs, metrics, run files, status or doctor."""
    until(lambda: _arrived(place), "the article to arrive")
    me = psutil.Process()
    shown = [" ".join(process.cmdline()) for process in me.children(recursive=True)]
    assert any("connectors.cli.main enrich" in line for line in shown)
    shown += [file.read_text(encoding="utf-8") for file in place.folder.glob("*.log")]
    shown += [f.read_text(encoding="utf-8") for f in (place.folder / "data" / "run").glob("*")]
    shown += [
        file.read_text(encoding="utf-8", errors="replace")
        for file in (place.folder / "servers" / "logs").glob("*")
        if file.is_file()
    ]
    for stage in STAGES:
        address = _metrics(place, stage)
        assert re.match(r"http://127\.0\.0\.1:\d+/", address)
        for page in ("/metrics", "/health"):
            shown.append(_page(urljoin(address, page)))
    for line in ("doctor", "doctor --json", "status"):
        told = place.command("ledger", *line.split())
        shown.append(told.stdout + told.stderr)
    text = "\n".join(shown)
    words = place.words()
    assert len(words) > 12
    assert [word for word in words if word in text] == []


def test_a_user_may_do_what_it_needs_and_no_more(place: Place) -> None:
    """In Elasticsearch: reading is not writing, and no stage may change or delete an index."""
    until(lambda: _arrived(place), "the article to arrive")
    body = {"key": "x"}
    with connect(place.search.server("ledger")) as client, pytest.raises(AuthorizationException):
        client.index(index="dongtin-documents", id="x", document=body)
    with connect(place.search.server("watch")) as client:
        with pytest.raises(AuthorizationException):
            client.index(index="dongtin-alerts", id="x", document=body)
        with pytest.raises(AuthorizationException):
            client.search(index="dongtin-articles")
    for user in ("index", "watch", "ledger"):
        with connect(place.search.server(user)) as client:
            with pytest.raises(AuthorizationException):
                client.indices.delete(index="dongtin-alerts")
            with pytest.raises(AuthorizationException):
                client.indices.put_index_template(name="x", index_patterns=["dongtin-x"])
            with pytest.raises(AuthorizationException):
                client.cluster.put_settings(persistent={"action.auto_create_index": "true"})
    with connect(place.search.server("index")) as client, pytest.raises(AuthorizationException):
        client.index(index="other", document=body)


@pytest.mark.parametrize(
    "line",
    ["doctor", "ledger", "dead list", "replay --since all --dry-run", "replay --since all"],
)
def test_people_have_the_rights_for_their_commands(place: Place, line: str) -> None:
    """The service `dongtin`: with the crawler's store, as `setup`."""
    until(lambda: _arrived(place), "the article to arrive")
    until(lambda: place.command("dongtin", *line.split()).returncode == 0, line, pause=1.0)


def test_a_stage_without_rights_says_what_is_missing(place: Place) -> None:
    """Another prefix: nothing is made there, and a user who may not make it says so."""
    settings = Settings(elasticsearch=place.search.server("index", "dongtin-other"))
    with connect(settings.elasticsearch) as client, pytest.raises(Denied) as caught:
        search_admin.ensure(client, settings)
    assert "is missing" in str(caught.value)
    assert "dongtin setup" in str(caught.value)


def test_kafka_gives_each_user_its_topics(place: Place) -> None:
    """What a stage has no business with it can neither read nor write; rights are put there once."""
    until(lambda: _arrived(place), "the article to arrive")
    with pytest.raises(Denied, match="does not allow this to the user notify"):
        send(place.kafka.kafka("notify"), [(topics.ALERTS.name, b"k", b"v")])
    start = {(topics.RAW.name, number): 0 for number in range(Kafka().partitions)}
    assert len(list(read(place.kafka.kafka("ledger"), start))) == 1
    with pytest.raises(Denied, match="does not allow this to the user crawl"):
        list(read(place.kafka.kafka("crawl"), start))
    assert set(beginnings(place.kafka.kafka("ledger"), topics.ALERTS.name).values()) == {0}
    assert acls.ensure(place.kafka.kafka("setup"), DEPLOY / "kafka/acls.tsv") == 0


def test_the_crawler_sees_how_far_the_stages_are(place: Place) -> None:
    """Old pages are fetched at their pace; who has no business with it does not see it."""
    until(lambda: _arrived(place), "the article to arrive")
    with Pace(place.kafka.kafka("crawl"), BEHIND, most=MOST_LEFT) as pace:
        assert pace.left().keys() == BEHIND.keys()
    with Pace(place.kafka.kafka("notify"), BEHIND, most=MOST_LEFT) as pace, pytest.raises(Denied):
        pace.left()


def _refusals(place: Place) -> dict[str, Kafka]:
    right = place.kafka.kafka("enrich")
    return {
        "does not let in the user enrich: [kafka] user, password": replace(
            right, password=Secret("wrong")
        ),
        "ca_file must name the CA that signed it": replace(right, ca_file=""),
    }


def test_a_wrong_password_or_authority_is_told(place: Place) -> None:
    """With what to do, by a client and by a stage that starts."""
    for told, kafka in _refusals(place).items():
        with pytest.raises(Denied) as caught:
            admin.version(kafka)
        assert told in str(caught.value)
    wrong = place.folder / "wrong"
    wrong.write_text("not-the-password", encoding="ascii")
    other = str(place.folder / "other")  # where a stage is that runs must stay told
    stage = place.command(
        "enrich", "enrich", DONGTIN_KAFKA_PASSWORD_FILE=str(wrong), DONGTIN_DATA_DIR=other
    )
    assert stage.returncode == 1
    assert "does not let in the user enrich" in stage.stderr
    assert "not-the-password" not in stage.stderr + stage.stdout
    stage = place.command(
        "index", "index", DONGTIN_ELASTICSEARCH_PASSWORD_FILE=str(wrong), DONGTIN_DATA_DIR=other
    )
    assert stage.returncode == 1
    assert "[elasticsearch] user and password, or api_key, must be as" in stage.stderr
    assert "not-the-password" not in stage.stderr + stage.stdout
    server: Any = replace(place.search.server("ledger"), ca_file="")
    with connect(server) as client, pytest.raises(Denied, match="ca_file must name the CA"):
        search_admin.health(client)
