"""Every file that a container is told to read is there for it: mounted by docker-compose.yml, made by
deploy/credentials.py or in its image, and readable by the user that the container runs as."""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from deploy import credentials

ROOT = Path(__file__).resolve().parents[1]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
)["services"]
#: What runs in each container is named here; what those files name is looked at too.
TOLD = ("command", "entrypoint", "environment", "healthcheck")
#: Files that a server reads without being told where they are.
ROOTS = {"grafana": "/etc/grafana/provisioning"}
PATH = re.compile(
    r"(?<![\w./])/(?:alertmanager|bin|dev|etc|opt|prometheus|run|tmp|usr|var)/[\w./-]*"
)
#: Owner of the generated files, and what brings each image's own files.
MAKER = 1000
OF_THE_IMAGES = ("/bin/tini", "/dev/null", "/dev/tcp/", "/opt/kafka/", "/usr/local/bin/docker-entrypoint.sh",
                 "/usr/local/bin/kibana-docker", "/usr/share/elasticsearch/", "/usr/share/kibana/")  # fmt: skip
OF_OURS = re.findall(
    r"(?m)^(?:COPY .*|RUN .*--home-dir) (/\S+)", (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
)


def mounts(service: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Where something is mounted -> its source, and its folder in there; the innermost first."""
    found = {"/tmp": ("tmpfs", "")} if "tmpfs" in service else {}
    for mount in service.get("volumes", ()):
        if isinstance(mount, dict):
            found[mount["target"]] = (mount["source"], mount["volume"]["subpath"])
        else:
            source, target, *_ = mount.split(":")
            found[target] = (source, "")
    return dict(sorted(found.items(), reverse=True))


def text_of(service: dict[str, Any]) -> str:
    """What the compose file itself tells the container."""
    return "\n".join(yaml.safe_dump(service.get(key, "")) for key in TOLD)


def named(text: str) -> set[str]:
    """The absolute paths in a text, comments left out."""
    return set(PATH.findall(re.sub(r"(?m)(^|\s)#.*$", "", text)))


class Container:
    """One service, and where its paths lead."""

    def __init__(self, name: str, made: Path) -> None:
        self.service = SERVICES[name]
        self.name = name
        self._mounts = mounts(self.service)
        self._made = made

    def paths(self) -> Iterator[tuple[str, Path | None]]:
        """Each path that is named, and in files that are named, with the file here that it stands for; None:
        a folder of data, or a file of the image."""
        waiting, seen = named(text_of(self.service)), set[str]()
        if self.name in ROOTS:
            waiting.add(ROOTS[self.name])
        while waiting - seen:
            path = min(waiting - seen)
            seen.add(path)
            here = self._here(path)
            yield path, here
            files = here.rglob("*") if here and here.is_dir() else [here]
            for file in files:
                if file and file.is_file() and file.is_relative_to(ROOT):
                    waiting |= named(file.read_text(encoding="utf-8"))

    def _here(self, path: str) -> Path | None:
        for target, (source, folder) in self._mounts.items():
            if PurePosixPath(path).is_relative_to(target):
                rest = PurePosixPath(path).relative_to(target)
                if source.startswith("./"):
                    return ROOT / source / rest
                return self._made / folder / rest if source == "credentials" else None
        there = OF_OURS if self.service["image"] == "dongtin:local" else OF_THE_IMAGES
        assert path.startswith(tuple(there)), f"{self.name}: nobody brings {path}"
        return None

    def may_read(self, file: Path) -> bool:
        """Whether the container's user may, of what was made by the one that makes credentials."""
        user = int(self.service["user"].partition(":")[0])
        shift = 6 if user == MAKER else 0
        folders = [folder for folder in file.parents if folder.is_relative_to(self._made)]
        way = all(folder.stat().st_mode >> shift & 0o1 for folder in folders[:-1])
        return way and bool(file.stat().st_mode >> shift & 0o4)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is generated at the first start, by one who lets nobody read anything."""
    folder = tmp_path_factory.mktemp("credentials")
    before = os.umask(0o077)
    try:
        credentials.main(folder)
    finally:
        os.umask(before)
    return folder


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_container_is_told_to_read_is_there(name: str, made: Path) -> None:
    """And it may read it."""
    container = Container(name, made)
    found = dict(container.paths())
    assert found
    for path, here in found.items():
        if here is not None:
            assert here.exists(), f"{name}: {path} would be {here}, which is not there"
            if here.is_relative_to(made):
                assert container.may_read(here), f"{name}: {path}: {oct(here.stat().st_mode)}"


def test_the_secrets_that_are_named_are_found(made: Path) -> None:
    """The walk above goes into the files: these are named in no line of the compose file."""
    for name, path in [
        ("kafka", "/run/dongtin/format.args"),
        ("elasticsearch", "/run/dongtin/users"),
        ("kibana", "/run/dongtin/kibana-key"),
        ("alertmanager", "/run/dongtin/smtp-password"),
        ("grafana", "/var/lib/grafana/dashboards"),
    ]:
        assert path in dict(Container(name, made).paths())


def test_what_is_missing_is_noticed(made: Path) -> None:
    """A path that nobody mounts, and a file that another user can't read."""
    container = Container("alertmanager", made)
    container.service = container.service | {"command": ["/run/secrets/token"]}
    with pytest.raises(AssertionError, match="nobody brings /run/secrets/token"):
        dict(container.paths())
    assert not container.may_read(made / "authority" / "ca.key")
