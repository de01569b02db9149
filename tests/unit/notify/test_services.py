"""What apprise makes of a message for the services of a press office, seen by servers of our own.

Mail is delivered to a real SMTP server. Telegram, Slack and Teams can't be reached from here: their
requests are sent to a server of this machine in their place. Nothing was ever sent to the real ones.
"""

import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.notify.channels import TEST, Channel, channels
from connectors.notify.webhook import Refused
from streams.errors import Retry
from streams.records import Alert
from streams.secret import Secret
from streams.settings import Notify, Settings
from tests import make_index
from tests.unit.notify.places import Mailbox, WebServer, mail_server

NASTY = "Hội nghị <b>đậm</b> & [bấm](http://xau.example) *x*\r\nBcc: la@xau.example <!channel>"


def channel(folder: Path, url: str) -> Channel:
    """The channel of one address."""
    (made,) = channels(Settings(data_dir=folder, notify=Notify(urls=(Secret(url),))))
    return made


def some(count: int) -> list[Alert]:
    """Alerts of different documents."""
    return [make_index.alert(f"{number}-CT/TW", title=NASTY) for number in range(1, count + 1)]


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """A mail server that runs, and its apprise address."""
    with mail_server() as box:
        yield box, box.url


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server."""
    server = WebServer()
    yield server
    server.close()


def parts(mail: EmailMessage) -> tuple[str, str]:
    """A mail's plain text and its HTML, where it has them."""
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    return (
        str(plain.get_content()) if isinstance(plain, EmailMessage) else "",
        str(rich.get_content()) if isinstance(rich, EmailMessage) else "",
    )


def test_a_mail_is_delivered(mailbox: tuple[Mailbox, str], tmp_path: Path) -> None:
    """One mail for several alerts, in Vietnamese, with a subject of one line."""
    box, url = mailbox
    assert channel(tmp_path, url).send(some(3)) == 3
    (mail,) = box.mails
    assert "\n" not in mail["subject"]
    assert mail["subject"].startswith("Lần đầu được nhắc: 3 văn bản (Chỉ thị 1-CT/TW")
    assert mail["to"].addresses[0].addr_spec == "truc@toasoan.example"
    assert mail["bcc"] is None
    for text in filter(None, parts(mail)):
        assert all(f"{n}. Chỉ thị {n}-CT/TW (Bộ Chính trị, 15/5/2016)" in text for n in (1, 2, 3))
        assert "Văn bản ban hành từ trước" not in text  # these say nothing of it
        assert make_index.URL in text


def test_what_newspapers_write_is_no_html_in_a_mail(
    mailbox: tuple[Mailbox, str], tmp_path: Path
) -> None:
    """A mail is plain text; one that was asked for as HTML has no element of theirs."""
    box, url = mailbox
    channel(tmp_path, url).send(some(1))
    channel(tmp_path, f"{url}&format=html").send(some(1))
    plain, rich = (parts(mail) for mail in box.mails)
    assert NASTY.splitlines()[0] in plain[0]
    assert plain[1] == ""
    assert "&lt;b&gt;đậm&lt;/b&gt;" in rich[1]
    assert "<b>" not in rich[1]


def test_a_mail_server_that_is_away_is_tried_again(
    mailbox: tuple[Mailbox, str], tmp_path: Path
) -> None:
    """Neither a refusal for now nor a closed port loses the alert."""
    box, url = mailbox
    box.closed = True
    there = channel(tmp_path, url)
    with pytest.raises(Retry):
        there.send(some(1))
    box.closed = False
    assert there.send(some(1)) == 1
    assert len(box.mails) == 1


def test_a_mail_for_a_test_says_so(mailbox: tuple[Mailbox, str], tmp_path: Path) -> None:
    """In its subject, so that nobody takes it for news."""
    box, url = mailbox
    assert channel(tmp_path, url).test() == "sent"
    assert box.mails[0]["subject"] == TEST.title
    assert TEST.title.startswith("[THỬ]")


TELEGRAM = "tgram://123456789:abcdefg_hijklmnopqrstuvwxyz_ABCDEFG/12345"


def test_telegram_gets_what_it_has_room_for(
    web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4,096 characters as they arrive: the rest waits for the next message, and none is cut."""
    monkeypatch.setattr(NotifyTelegram, "notify_url", f"http://127.0.0.1:{web.port}/bot")
    web.answer = b'{"ok": true, "result": {"message_id": 1}}'
    alerts, there, sent = some(20), channel(tmp_path, TELEGRAM), 0
    while sent < len(alerts):
        sent += there.send(alerts[sent:])
    bodies = [json.loads(taken.body) for taken in web.taken]
    assert 1 < len(bodies) < 8
    assert all(len(body["text"]) <= 4096 for body in bodies)
    assert {body["parse_mode"] for body in bodies} == {"HTML"}
    told = "\n".join(body["text"] for body in bodies)
    assert all(f"Chỉ thị {n}-CT/TW (Bộ Chính trị" in told for n in range(1, 21))
    assert "&lt;b&gt;đậm&lt;/b&gt;" in told
    assert "<b>đậm" not in told


def test_telegram_that_refuses_is_told_without_the_token(
    web: WebServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The status says what to look for; the bot's token stands in no error and no log."""
    monkeypatch.setattr(NotifyTelegram, "notify_url", f"http://127.0.0.1:{web.port}/bot")
    web.status, web.answer = 401, b'{"ok": false, "description": "Unauthorized"}'
    with pytest.raises(Retry, match="401") as caught:
        channel(tmp_path, TELEGRAM).send(some(1))
    out, err = capfd.readouterr()
    assert "abcdefg" not in f"{caught.value}{out}{err}"


def test_slack_shows_no_markup_of_newspapers(
    web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A title can't call everybody in the channel (`<!channel>`)."""
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://127.0.0.1:{web.port}/services")
    url = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"
    assert channel(tmp_path, url).send(some(2)) == 2
    (taken,) = web.taken
    text = json.loads(taken.body)["attachments"][0]["text"]
    assert "&lt;!channel&gt;" in text
    assert "<!channel>" not in text
    assert "2. Chỉ thị 2-CT/TW" in text


def certificate(folder: Path) -> Path:
    """A key and a certificate for this machine, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "tls.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_teams_gets_a_card(tmp_path: Path) -> None:
    """A workflow's address speaks only TLS: so does the server in its place."""
    web = WebServer()
    web.server.shutdown()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    web.server.socket = context.wrap_socket(web.server.socket, server_side=True)
    threading.Thread(target=web.server.serve_forever, daemon=True).start()
    url = f"workflows://127.0.0.1:{web.port}/abc/signature-of-the-flow?verify=no"
    alerts, there, sent = some(4), channel(tmp_path, url), 0
    while sent < len(alerts):
        sent += there.send(alerts[sent:])
    web.close()
    cards = [json.loads(taken.body)["attachments"][0] for taken in web.taken]
    assert {card["contentType"] for card in cards} == {"application/vnd.microsoft.card.adaptive"}
    blocks = [block for card in cards for block in card["content"]["body"]]
    assert [block["type"] for block in blocks] == ["TextBlock", "TextBlock"] * len(cards)
    told = json.dumps(blocks, ensure_ascii=False)
    assert all(f"Chỉ thị {n}-CT/TW" in told.replace("\\", "") for n in (1, 2, 3, 4))
    assert "[bấm](http://xau.example)" not in told


@pytest.mark.parametrize(("status", "error"), [(413, Refused), (422, Retry), (400, Retry)])
def test_what_a_service_will_never_take_is_not_sent_again(
    web: WebServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    error: type[Exception],
) -> None:
    """It would hold up all that come behind it; an address that may be wrong is tried again."""
    monkeypatch.setattr(NotifyTelegram, "notify_url", f"http://127.0.0.1:{web.port}/bot")
    web.status, web.answer = status, b'{"ok": false}'
    with pytest.raises(error, match=f"the service answered {status}"):
        channel(tmp_path, TELEGRAM).send(some(1))
