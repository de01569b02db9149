"""The signed webhook, against a real HTTP server on this machine."""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.notify.channels import Channel, channels
from connectors.notify.webhook import Refused, key_of, retry_after, signature
from streams.errors import ConfigError, Retry
from streams.secret import Secret
from streams.settings import Notify, Settings
from tests import make_index
from tests.security.rawserver import RawServer, endless
from tests.unit.notify.places import WebServer

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A receiver."""
    server = WebServer()
    yield server
    server.close()


def channel(folder: Path, url: str, secret: str = SECRET) -> Channel:
    """The channel of one webhook address."""
    notify = Notify(urls=(Secret(url),), webhook_secret=Secret(secret))
    (made,) = channels(Settings(data_dir=folder, notify=notify))
    return made


def test_the_signature_is_that_of_the_standard() -> None:
    """The worked example that the libraries of Standard Webhooks test themselves with."""
    key = key_of(Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_arrives_is_signed_and_complete(server: WebServer, tmp_path: Path) -> None:
    """A receiver checks it with the secret alone; the body says its own schema."""
    alerts = [make_index.alert("1-CT/TW"), make_index.alert("2-CT/TW")]
    there = channel(tmp_path, f"webhook+http://127.0.0.1:{server.port}/tin?x=1")
    assert there.send(alerts) == 2
    (taken,) = server.taken
    headers = taken.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + taken.body
    wanted = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    sent = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert abs((datetime.now(UTC) - sent).total_seconds()) < 300
    body = json.loads(taken.body)
    assert (taken.path, body["schema"], body["type"]) == ("/tin?x=1", 1, "alerts")
    assert [alert["id"] for alert in body["alerts"]] == [alert.id for alert in alerts]
    assert body["title"].startswith("Lần đầu được nhắc: 2 văn bản")


def test_the_same_alerts_have_the_same_message_id(server: WebServer, tmp_path: Path) -> None:
    """A crash between sending and noting sends again; the receiver can tell."""
    there = channel(tmp_path, f"webhook+http://127.0.0.1:{server.port}/")
    for keys in (("1-CT/TW",), ("1-CT/TW",), ("1-CT/TW", "2-CT/TW")):
        there.send([make_index.alert(key) for key in keys])
    first, again, other = (taken.headers["webhook-id"] for taken in server.taken)
    assert first == again != other


def test_a_test_message_says_that_it_is_one(server: WebServer, tmp_path: Path) -> None:
    """To a program by its type, to a person by its title; it holds no alert."""
    there = channel(tmp_path, f"webhook+http://127.0.0.1:{server.port}/")
    assert there.test() == "sent"
    body = json.loads(server.taken[0].body)
    assert (body["type"], body["alerts"]) == ("test", [])
    assert body["title"].startswith("[THỬ]")


def test_a_receiver_that_is_busy_says_when_to_come_again(server: WebServer, tmp_path: Path) -> None:
    """Retry-After travels with the error."""
    server.status, server.headers = 429, {"retry-after": "77"}
    with pytest.raises(Retry, match="answered 429") as caught:
        channel(tmp_path, f"webhook+http://127.0.0.1:{server.port}/").send([make_index.alert()])
    assert caught.value.after == 77.0


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_message_that_is_refused_is_not_tried_again(
    server: WebServer, tmp_path: Path, status: int
) -> None:
    """The receiver read it and does not want it: half a day of tries would change nothing."""
    server.status = status
    with pytest.raises(Refused, match=str(status)):
        channel(tmp_path, f"webhook+http://127.0.0.1:{server.port}/").send([make_index.alert()])


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(server: WebServer, tmp_path: Path, status: int) -> None:
    """What is signed goes to the configured receiver and nowhere else."""
    elsewhere = WebServer()
    server.status = status
    server.headers = {"location": f"http://127.0.0.1:{elsewhere.port}/"}
    with pytest.raises(Retry, match=str(status)):
        channel(tmp_path, f"webhook+http://127.0.0.1:{server.port}/").send([make_index.alert()])
    elsewhere.close()
    assert elsewhere.taken == []


def test_nobody_there_is_told_without_the_address(
    server: WebServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The path of a webhook is often its password."""
    server.close()
    there = channel(tmp_path, f"webhook+http://127.0.0.1:{server.port}/path-secret")
    with caplog.at_level(logging.DEBUG, "dongtin"), pytest.raises(Retry) as caught:
        there.send([make_index.alert()])
    told = f"{caught.value} {caplog.text} {there.address} {there!r}"
    assert "path-secret" not in told
    assert SECRET not in told
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_***", SECRET[6:]])
def test_a_secret_that_is_none_is_a_configuration_error(tmp_path: Path, secret: str) -> None:
    """Told at the start, without the secret itself."""
    with pytest.raises(ConfigError, match=r"notify\.webhook_secret") as caught:
        channel(tmp_path, "webhook+https://bao.example/", secret)
    assert not secret.removeprefix("whsec_") or secret not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 3 ", 3.0),
        ("Tue, 24 Nov 2026 03:01:00 GMT", 60.0),
        ("Tue, 24 Nov 2026 02:00:00 GMT", 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
    ],
)
def test_retry_after(header: str, seconds: float) -> None:
    """Seconds or a date; what is neither asks for nothing."""
    assert retry_after(header, make_index.SEEN) == seconds


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "400 Bad Request", "503 Unavailable"])
def test_the_body_of_an_answer_is_not_read(tmp_path: Path, status: str) -> None:
    """It may be endless: the status has said what became of the message."""
    head = f"HTTP/1.1 {status}\r\nLocation: /tin\r\n\r\n".encode()
    told = nullcontext() if status.startswith("200") else pytest.raises((Retry, Refused))
    with RawServer({"/tin": endless(head, b"x" * 65_536)}) as server:
        there = channel(tmp_path, f"webhook+http://127.0.0.1:{server.port}/tin")
        with told:
            assert there.send([make_index.alert("1-CT/TW")]) == 1
        assert server.asked["/tin"] == 1
