"""The cache of the servers' files: whole and verified, or not there."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from connectors.local.artifacts import Artifact, pinned
from connectors.local.download import Cache, cache_folder
from connectors.local.errors import DownloadError, Unreachable
from connectors.local.progress import Advance
from connectors.local.repository import fetch
from streams.terminal import Console

JAR = b"a jar, as far as this test goes" * 1000
HOME = "elasticsearch-1.0"


def zip_bytes() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{HOME}/lib/server.jar", b"server" * 500)
        archive.writestr(f"{HOME}/config/jvm.options", b"-Xmx1g\n")
    return buffer.getvalue()


ZIP = zip_bytes()


def artifact(server: str, name: str, packaging: str, content: bytes) -> Artifact:
    return Artifact(
        server=server,
        group="vn.example",
        name=name,
        version="1.0",
        packaging=packaging,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


KAFKA_JAR = artifact("kafka", "broker", "jar", JAR)
ARCHIVE = artifact("elasticsearch", "elasticsearch", "zip", ZIP)
CONTENT = {KAFKA_JAR: JAR, ARCHIVE: ZIP}


class Repository:
    """Stands where jgo and the network are: gives what it is told to give, and counts."""

    def __init__(self, content: dict[Artifact, bytes] | None = None) -> None:
        self.content = dict(content or CONTENT)
        self.asked: list[str] = []

    def __call__(self, wanted: Artifact, folder: Path, advance: Advance) -> Path:
        self.asked.append(wanted.name)
        path = folder / wanted.filename
        path.write_bytes(self.content[wanted])
        advance(len(self.content[wanted]))
        return path


def offline(wanted: Artifact, folder: Path, advance: Advance) -> Path:
    raise Unreachable("name could not be resolved")


def cache(folder: Path, fetch: Callable[[Artifact, Path, Advance], Path]) -> Cache:
    return Cache(folder, artifacts=tuple(CONTENT), fetch=fetch, pause=0)


def quiet() -> Console:
    return Console(file=io.StringIO())


def test_a_cold_cache_is_filled_and_unpacked(tmp_path: Path) -> None:
    """Every pinned file lies in the cache afterwards, the archive unpacked, and nothing half-done."""
    installed = cache(tmp_path, Repository()).install(quiet())
    assert [jar.read_bytes() for jar in installed.kafka_jars] == [JAR]
    assert (installed.elasticsearch_home / "config" / "jvm.options").read_bytes() == b"-Xmx1g\n"
    assert list((tmp_path / "partial").iterdir()) == []


def test_a_warm_cache_needs_no_network(tmp_path: Path) -> None:
    """With everything there, nothing is asked for."""
    first = cache(tmp_path, Repository()).install(quiet())
    assert cache(tmp_path, offline).install(quiet()) == first


def test_a_warm_cache_that_can_not_be_written_to_serves(tmp_path: Path) -> None:
    """A cache that another user filled is used without taking its lock."""
    cache(tmp_path, Repository()).install(quiet())
    (tmp_path / "lock").unlink()
    cache(tmp_path, offline).install(quiet())
    assert not (tmp_path / "lock").exists()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(JAR[:-1]), id="truncated"),
        pytest.param(lambda path: path.write_bytes(b"x" + JAR[1:]), id="altered"),
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.unlink(), id="gone"),
    ],
)
def test_a_damaged_file_is_fetched_again(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """A cached file that is not the pinned one counts as missing, and only that one is fetched."""
    cache(tmp_path, Repository()).install(quiet())
    damage(tmp_path / "kafka" / "broker-1.0.jar")
    repository = Repository()
    installed = cache(tmp_path, repository).install(quiet())
    assert installed.kafka_jars[0].read_bytes() == JAR
    assert repository.asked == ["broker"]


def test_a_damaged_program_folder_is_unpacked_again(tmp_path: Path) -> None:
    """An unpacked file that is cut short does not stay, and nothing is fetched for it."""
    home = cache(tmp_path, Repository()).install(quiet()).elasticsearch_home
    (home / "lib" / "server.jar").write_bytes(b"ser")
    cache(tmp_path, offline).install(quiet())
    assert (home / "lib" / "server.jar").read_bytes() == b"server" * 500


@pytest.mark.parametrize("arrived", [JAR[:-1], b"", JAR[:-1] + b"?"])
def test_a_wrong_download_never_gets_its_final_name(tmp_path: Path, arrived: bytes) -> None:
    """Bytes that are not the pinned ones are refused, after three attempts, in plain words."""
    repository = Repository({**CONTENT, KAFKA_JAR: arrived})
    with pytest.raises(DownloadError, match=r"broker-1\.0\.jar arrived damaged"):
        cache(tmp_path, repository).install(quiet())
    assert repository.asked.count("broker") == 3
    assert not (tmp_path / "kafka" / "broker-1.0.jar").exists()


def test_what_a_killed_download_left_is_cleared(tmp_path: Path) -> None:
    """Half a file of an earlier run is neither used nor kept."""
    half = tmp_path / "partial" / "old" / "broker-1.0.jar"
    half.parent.mkdir(parents=True)
    half.write_bytes(JAR[:100])
    cache(tmp_path, Repository()).install(quiet())
    assert not half.exists()


def test_without_network_a_cold_cache_says_so(tmp_path: Path) -> None:
    """The message tells what failed, why, and what to do."""
    with pytest.raises(DownloadError, match=r"does not answer.*first start needs the network"):
        cache(tmp_path, offline).install(quiet())


def test_without_space_nothing_is_begun(tmp_path: Path) -> None:
    """More than the disk holds is refused before the first byte, with both figures."""
    huge = artifact("kafka", "huge", "jar", JAR)
    huge = Artifact(**{**{k: getattr(huge, k) for k in huge.__slots__}, "bytes": 10**18})
    repository = Repository()
    full = Cache(tmp_path, artifacts=(huge, ARCHIVE), fetch=repository, pause=0)
    with pytest.raises(DownloadError, match=r"MB are free.*Make room"):
        full.install(quiet())
    assert repository.asked == []


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    """A cache folder in an impossible place gives a plain error with its path."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DownloadError, match=r"file/cache.*DONGTIN_CACHE"):
        cache(tmp_path / "file" / "cache", Repository()).install(quiet())


def test_two_at_once_fetch_each_file_once(tmp_path: Path) -> None:
    """Whoever comes second waits and finds everything there."""
    repository = Repository()
    together = [
        threading.Thread(target=lambda: cache(tmp_path, repository).install(quiet()))
        for _ in range(4)
    ]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    assert sorted(repository.asked) == ["broker", "elasticsearch"]
    assert KAFKA_JAR.matches(tmp_path / "kafka" / "broker-1.0.jar")


def test_progress_without_a_terminal_is_a_few_lines(tmp_path: Path) -> None:
    """A log gets some lines that end with the whole, not hundreds of bars."""
    said = io.StringIO()
    cache(tmp_path, Repository()).install(Console(file=said, width=100))
    lines = said.getvalue().splitlines()
    assert 2 <= len(lines) <= 7
    assert lines[0].startswith("Fetching Kafka and Elasticsearch")


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """$DONGTIN_CACHE first, then the platform's cache folder, also without $HOME."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DONGTIN_CACHE", "/nơi khác")
    assert cache_folder() == Path("/nơi khác")
    monkeypatch.delenv("DONGTIN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert cache_folder() == Path("/xdg/dongtin")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/nhà")
    assert cache_folder() == Path("/nhà/.cache/dongtin")
    monkeypatch.delenv("HOME")
    assert cache_folder().is_absolute()
    assert cache_folder().parts[-2:] == (".cache", "dongtin")


def test_the_pinned_list_is_complete() -> None:
    """One broker of one version with its clients, one search server, each with a SHA-256."""
    names = {(item.name, item.version) for item in pinned()}
    assert {("kafka_2.13", "4.4.0"), ("kafka-clients", "4.4.0")} <= names
    assert len({item.filename for item in pinned()}) == len(pinned())
    assert [item.packaging for item in pinned()].count("zip") == 1
    assert all(len(item.sha256) == 64 and item.bytes > 0 for item in pinned())


# with jgo itself, against a repository on loopback


@pytest.fixture
def answers() -> dict[str, tuple[int, int, bytes]]:
    """What the repository answers: path -> status, announced length, body."""
    return {}


@pytest.fixture
def jgo_settings(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answers: dict[str, tuple[int, int, bytes]],
) -> Iterator[None]:
    """A repository on loopback, named in jgo's own settings as a user would name a mirror."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, length, body = answers.get(self.path, (404, 0, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings = tmp_path / "jgo.conf"
    settings.write_text(f"[repositories]\nhere = http://127.0.0.1:{server.server_port}/maven\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield
    server.shutdown()
    server.server_close()


JAR_PATH = "/maven/vn/example/broker/1.0/broker-1.0.jar"
ZIP_PATH = "/maven/vn/example/elasticsearch/1.0/elasticsearch-1.0.zip"


@pytest.mark.usefixtures("jgo_settings")
def test_jgo_fetches_from_the_users_mirror(
    tmp_path: Path, answers: dict[str, tuple[int, int, bytes]]
) -> None:
    """A repository named in jgo's settings is where the files come from."""
    answers[JAR_PATH] = (200, len(JAR), JAR)
    answers[ZIP_PATH] = (200, len(ZIP), ZIP)
    installed = cache(tmp_path / "cache", fetch).install(quiet())
    assert installed.kafka_jars[0].read_bytes() == JAR


@pytest.mark.usefixtures("jgo_settings")
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((200, len(JAR), JAR[:500]), id="connection cut in the middle"),
        pytest.param((200, 500, JAR[:500]), id="a short file"),
        pytest.param((200, len(JAR), b"<" + JAR[1:]), id="another file"),
        pytest.param((404, 0, b""), id="not there"),
        pytest.param((503, 0, b""), id="out of order"),
    ],
)
def test_a_bad_answer_is_an_error_and_leaves_nothing(
    tmp_path: Path,
    answers: dict[str, tuple[int, int, bytes]],
    answer: tuple[int, int, bytes],
) -> None:
    """Whatever jgo makes of a bad answer, the file does not appear under its name."""
    answers[ZIP_PATH] = (200, len(ZIP), ZIP)
    answers[JAR_PATH] = answer
    with pytest.raises(DownloadError, match="could not be fetched"):
        cache(tmp_path / "cache", fetch).install(quiet())
    assert not (tmp_path / "cache" / "kafka" / "broker-1.0.jar").exists()
