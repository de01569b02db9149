"""What Kibana is given: made of its declaration, of fields that exist, whole, and imported by a job
that can be repeated. No Kibana was at hand: `tests/contract/test_kibana_panels.py` asks what its
panels would ask."""

import base64
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.elasticsearch.declared import template
from connectors.elasticsearch.names import KINDS
from connectors.local.ports import free_port
from deploy.kibana.objects import FILE, FOLDER, declared
from deploy.kibana.saved import Object
from streams.settings import Settings
from tests.unit.notify.places import WebServer

ROOT = Path(__file__).resolve().parents[1]
MADE = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
COUNTED = {"keyword", "date", "integer", "long", "float", "boolean"}  # what can be aggregated


def fields(kind: str) -> dict[str, str]:
    """The fields of a kind of index, with their types, as the server is told."""
    mapping = template(kind, Settings())["template"]["mappings"]["properties"]
    return {name: field["type"] for name, field in mapping.items()}


def of(kind: str) -> list[Object]:
    """The saved objects of one type."""
    return [made for made in MADE if made["type"] == kind]


def view_of(made: Object) -> str:
    """The kind of index that a search or a chart reads."""
    (reference,) = made["references"]
    return str(reference["id"]).removeprefix("dongtin-views-")


def test_views_stand_on_the_aliases_with_a_time() -> None:
    """One for each kind of index that people look at, by the alias and its date field."""
    for made in of("index-pattern"):
        kind = made["attributes"]["title"].removeprefix("dongtin-")
        assert kind in KINDS
        assert fields(kind)[made["attributes"]["timeFieldName"]] == "date"


@pytest.mark.parametrize("made", of("visualization"), ids=lambda made: made["id"])
def test_a_chart_counts_by_fields_that_can_be_counted_by(made: Object) -> None:
    """A text field, or one that is there no more, would be an error on the dashboard."""
    there = fields(view_of(made))
    for agg in json.loads(made["attributes"]["visState"])["aggs"]:
        field = agg["params"].get("field")
        if agg["type"] == "count":
            assert field is None
        elif agg["type"] == "date_histogram":
            assert there[field] == "date"
        else:
            assert there[field] in COUNTED, field


@pytest.mark.parametrize("made", of("search"), ids=lambda made: made["id"])
def test_a_search_shows_fields_that_exist(made: Object) -> None:
    """And sorts by a date."""
    there = fields(view_of(made))
    assert set(made["attributes"]["columns"]) <= set(there)
    ((field, order),) = made["attributes"]["sort"]
    assert (there[field], order) == ("date", "desc")


@pytest.mark.parametrize("made", [*of("search"), *of("visualization")], ids=lambda made: made["id"])
def test_a_filter_asks_for_fields_that_exist(made: Object) -> None:
    """A misspelt one would find nothing, and say nothing."""
    source = json.loads(made["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    named = re.findall(r"(\w+) :", source["query"]["query"])
    assert set(named) <= set(fields(view_of(made)))


def test_every_reference_leads_somewhere() -> None:
    """By type and id; each id once."""
    known = {(made["type"], made["id"]) for made in MADE}
    assert len(known) == len(MADE)
    for made in MADE:
        for reference in made["references"]:
            assert (reference["type"], reference["id"]) in known, made["id"]


@pytest.mark.parametrize("made", of("dashboard"), ids=lambda made: made["id"])
def test_a_dashboard_finds_its_panels(made: Object) -> None:
    """Each panel by a reference of its own, side by side without overlapping; each control's field
    exists."""
    references = {reference["name"]: reference for reference in made["references"]}
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(made["attributes"]["panelsJSON"]):
        reference = references[f"{panel['panelIndex']}:{panel['panelRefName']}"]
        assert reference["type"] == panel["type"]
        grid = panel["gridData"]
        cells = {
            (x, y)
            for x in range(grid["x"], grid["x"] + grid["w"])
            for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 48
        taken |= cells
    controls = json.loads(made["attributes"].get("controlGroupInput", {}).get("panelsJSON", "{}"))
    for id, control in controls.items():
        view = references[f"controlGroup_{id}:optionsListDataView"]["id"]
        there = fields(view.removeprefix("dongtin-views-"))
        assert there[control["explicitInput"]["fieldName"]] in COUNTED


def test_everything_declared_is_on_a_dashboard() -> None:
    """But for the newest articles, which are a search of their own."""
    shown = {r["id"] for made in of("dashboard") for r in made["references"]}
    left = {made["id"] for made in [*of("search"), *of("visualization")]} - shown
    assert left == {"dongtin-searches-newest-articles"}


def test_it_is_for_the_kibana_that_compose_starts() -> None:
    """An older Kibana would refuse a panel's version."""
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    (version,) = set(re.findall(r"kibana:(\d+\.\d+\.\d+)", compose))  # it runs in two services
    versions = {
        panel["version"]
        for made in of("dashboard")
        for panel in json.loads(made["attributes"]["panelsJSON"])
    }
    assert versions == {version}


@pytest.fixture
def kibana() -> Iterator[WebServer]:
    """A server that answers as Kibana's import does."""
    server = WebServer(answer=b'{"successCount":29,"success":true}')
    yield server
    server.close()


def run(url: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The import job."""
    environment = os.environ | {"KIBANA_URL": url, "KIBANA_WAIT": "0"} | more
    return subprocess.run(
        ["sh", str(FOLDER / "import.sh")], capture_output=True, text=True, env=environment
    )


def test_the_job_sends_the_file_and_may_be_repeated(kibana: WebServer, tmp_path: Path) -> None:
    """The whole file, with overwriting, as Kibana's API wants it; the password in a header and
    nowhere else."""
    password = tmp_path / "password"
    password.write_text('mật "khẩu\\1', encoding="utf-8")
    for _ in range(2):
        done = run(
            f"http://127.0.0.1:{kibana.port}",
            KIBANA_USER="elastic",
            KIBANA_PASSWORD_FILE=str(password),
        )
        assert done.returncode == 0, done.stderr
        assert "mật" not in done.stdout + done.stderr
    first, second = kibana.taken
    assert first.path == "/api/saved_objects/_import?overwrite=true"
    assert first.headers["kbn-xsrf"] == "true"
    assert FILE.read_bytes() in first.body
    assert b'name="file"; filename="dongtin.ndjson"' in first.body
    basic = first.headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(basic).decode() == 'elastic:mật "khẩu\\1'
    assert first.path == second.path


def test_the_job_waits_until_kibana_has_started(kibana: WebServer) -> None:
    """It says 503 for a minute; the job is started together with it."""
    kibana.starting = 1
    done = run(f"http://127.0.0.1:{kibana.port}", KIBANA_WAIT="60")
    assert done.returncode == 0, done.stderr
    assert len(kibana.taken) == 1


@pytest.mark.parametrize(
    ("answer", "status"),
    [(b'{"success":false,"errors":[{"id":"x"}]}', 200), (b'{"message":"Forbidden"}', 403)],
)
def test_what_kibana_refuses_is_told(kibana: WebServer, answer: bytes, status: int) -> None:
    """With what it said; the job fails, so that nobody believes that the dashboards are there."""
    kibana.answer, kibana.status = answer, status
    done = run(f"http://127.0.0.1:{kibana.port}")
    assert done.returncode == 1
    assert answer.decode() in done.stderr


def test_a_kibana_that_is_not_there_is_told() -> None:
    """After the time that it is waited for."""
    done = run(f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 1
    assert "no Kibana answers" in done.stderr


def test_a_password_that_cannot_be_read_is_a_wrong_setting(tmp_path: Path) -> None:
    """Told with the setting's name."""
    done = run("http://127.0.0.1:9", KIBANA_USER="a", KIBANA_PASSWORD_FILE=str(tmp_path / "no"))
    assert done.returncode == 2
    assert "KIBANA_PASSWORD_FILE" in done.stderr


def test_documentation_names_what_is_there() -> None:
    """Every dashboard and search by its title."""
    text = (ROOT / "docs" / "kibana.md").read_text(encoding="utf-8")
    told: dict[str, Any] = dict(declared())
    for dashboard in told["dashboards"].values():
        assert dashboard["title"] in text
    for search in told["searches"].values():
        assert search["title"] in text
