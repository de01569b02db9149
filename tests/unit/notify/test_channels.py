"""Channels: which addresses there are, and that none tells its secret."""

from pathlib import Path

import pytest

from connectors.notify.channels import channels
from streams.errors import ConfigError
from streams.secret import Secret
from streams.settings import Notify, Settings
from tests import make_index


def settings(folder: Path, *urls: str) -> Settings:
    """Settings with these apprise addresses."""
    return Settings(data_dir=folder, notify=Notify(urls=tuple(map(Secret, urls))))


def test_without_addresses_alerts_go_to_the_terminal_and_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What newspapers write in brackets is shown as it is."""
    alert = make_index.alert(title="Hội nghị [bold]sơ kết[/bold]")
    for channel in channels(settings(tmp_path)):
        assert channel.send([alert]) == 1
    assert "[bold]sơ kết[/bold]" in capsys.readouterr().out
    assert "first:05-CT/TW" in (tmp_path / "alerts.jsonl").read_text(encoding="utf-8")


def test_addresses_are_told_apart_without_their_secrets(tmp_path: Path) -> None:
    """The names stand in a database, logs and dead letters."""
    urls = ("json://me:secret-one@127.0.0.1:9", "json://me:secret-two@127.0.0.1:9")
    names = [channel.address for channel in channels(settings(tmp_path, *urls))]
    assert len(set(names)) == 2
    assert not any("secret" in name for name in names)
    assert names == [channel.address for channel in channels(settings(tmp_path, *urls))]


def test_an_address_that_is_none_is_a_configuration_error(tmp_path: Path) -> None:
    """It names the place in the list, and not what may be a password."""
    with pytest.raises(ConfigError) as caught:
        channels(settings(tmp_path, "json://127.0.0.1:9", "nosuch://me:secret@host"))
    assert "number 2 (nosuch://...)" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "mailtos://me:secret@smtp.bao.example?from=me@bao.example&to=a@bao.example,b@bao.example",
        "tgram://123456789:abcdefg_hijklmnop/12315544/12315545",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#a/#b",
    ],
)
def test_an_address_is_of_one_receiver(tmp_path: Path, url: str) -> None:
    """Of several apprise tells only whether all have it: for one that fails the others would be told
    again at each try."""
    with pytest.raises(
        ConfigError, match="reaches 2 receivers: write an address for each"
    ) as caught:
        channels(settings(tmp_path, url))
    assert "secret" not in str(caught.value)
