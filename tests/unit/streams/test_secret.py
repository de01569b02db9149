"""Secrets: given out by `reveal`, and by nothing else."""

import json
import logging
import pickle
import traceback
from pathlib import Path

import msgspec
import pytest

from streams.configuration import load
from streams.errors import ConfigError
from streams.secret import Secret

WORD = "hunter2-ếch"
_ENVIRONMENT = {
    "DONGTIN_ELASTICSEARCH_USER": "me",
    "DONGTIN_ELASTICSEARCH_PASSWORD": WORD,
    "DONGTIN_ELASTICSEARCH_API_KEY": WORD,
    "DONGTIN_NOTIFY_URLS": f"mailtos://me:{WORD}@example.com tgram://{WORD}/1",
}


def test_it_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """No way in which a program shows a value shows it."""
    secret = Secret(WORD)
    logging.getLogger("dongtin").error("%s %r", secret, {"key": secret})
    shown = [
        str(secret), repr(secret), f"{secret} {secret!r} {secret!a}", f"{[secret]}", caplog.text,
        *traceback.format_exception(ValueError(secret)),
    ]  # fmt: skip
    assert WORD not in "".join(shown)
    assert "hunter2" not in "".join(shown)
    assert secret.reveal() == WORD


@pytest.mark.parametrize("write", [json.dumps, msgspec.json.encode])
def test_it_has_no_json(write: object) -> None:
    """It can't slip into a run file or a record."""
    with pytest.raises(TypeError) as caught:
        write({"password": Secret(WORD)})  # type: ignore[operator]
    assert "hunter2" not in str(caught.value)


def test_it_is_a_value() -> None:
    """Equal texts are equal secrets; an empty one counts as none; it crosses process borders."""
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret()
    assert pickle.loads(pickle.dumps(Secret(WORD))) == Secret(WORD)


def test_settings_hold_secrets(tmp_path: Path) -> None:
    """From the file and from the environment alike, and the settings as a whole show none."""
    config = tmp_path / "dongtin.toml"
    text = (
        f'[elasticsearch]\nuser = "me"\npassword = "{WORD}"\n[notify]\nurls = ["json://{WORD}@a"]\n'
    )
    config.write_text(text, encoding="utf-8")
    for settings in (load(config, environment={}), load(environment=_ENVIRONMENT)):
        assert settings.elasticsearch.password == Secret(WORD)
        assert all(WORD in url.reveal() for url in settings.notify.urls)
        assert settings.notify.urls
        assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    "text",
    [
        '[elasticsearch]\npassword = ["hunter2"]\n',
        '[elasticsearch]\napi_key = {key = "hunter2"}\n',
        '[notify]\nurls = "json://hunter2@a"\n',
        '[notify]\nurls = [["json://hunter2@a"]]\n',
        '[elasticsearch]\npassword = "hunter2\n',
    ],
)
def test_a_mistake_does_not_quote_it(tmp_path: Path, text: str) -> None:
    """The error names file, line and key, and not what stands there."""
    config = tmp_path / "dongtin.toml"
    config.write_text(text)
    with pytest.raises(ConfigError, match=r"dongtin\.toml:\d+: ") as caught:
        load(config, environment={})
    assert "hunter2" not in str(caught.value)
