"""Secrets from files: whichever layer is the later one counts, and no error shows a secret."""

from pathlib import Path

import pytest

from streams.configuration import load
from streams.errors import ConfigError
from streams.secret_files import secrets
from streams.settings import TABLES

WORD = "xin-chào-9"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A secret as an orchestrator mounts it."""
    path = tmp_path / "password"
    path.write_text(f"{WORD}\n", encoding="utf-8")
    return path


def config(folder: Path, text: str) -> Path:
    """A settings file."""
    path = folder / "dongtin.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_secret_may_lie_in_a_file() -> None:
    """A new secret setting without its companion could be given on no other way than readable."""
    for kind in TABLES.values():
        names = set(kind.__dataclass_fields__)
        for secret in secrets(kind):
            assert f"{secret}_file" in names, f"{kind.__name__}.{secret}"


def test_a_secret_is_read_from_its_file(file: Path) -> None:
    """Without the line end that editors put behind it."""
    told = {"DONGTIN_ELASTICSEARCH_USER": "me", "DONGTIN_ELASTICSEARCH_PASSWORD_FILE": str(file)}
    assert load(environment=told).elasticsearch.password.reveal() == WORD


def test_many_secrets_are_read_from_one_file(tmp_path: Path) -> None:
    """Addresses of people: one a line, with comments between them."""
    text = "# whom alerts reach\njson://a\n\n # and the desk\njson://b#c\n"
    (tmp_path / "urls").write_text(text, encoding="utf-8")
    told = {"DONGTIN_NOTIFY_URLS_FILE": str(tmp_path / "urls")}
    assert [url.reveal() for url in load(environment=told).notify.urls] == [
        "json://a",
        "json://b#c",
    ]


def test_the_later_layer_counts(tmp_path: Path, file: Path) -> None:
    """A file named by the environment stands over a password of the settings file, and the reverse."""
    search = '[elasticsearch]\nuser = "me"\n'
    plain = config(tmp_path, search + 'password = "old"\n')
    told = {"DONGTIN_ELASTICSEARCH_PASSWORD_FILE": str(file)}
    assert load(plain, environment=told).elasticsearch.password.reveal() == WORD
    named = config(tmp_path, search + f'password_file = "{file}"\n')
    assert load(named, environment={}).elasticsearch.password.reveal() == WORD
    told = {"DONGTIN_ELASTICSEARCH_PASSWORD": "new"}
    assert load(named, environment=told).elasticsearch.password.reveal() == "new"


def test_an_empty_variable_says_nothing(tmp_path: Path, file: Path) -> None:
    """Compose files pass on what is not set as an empty text."""
    named = config(tmp_path, f'[elasticsearch]\nuser = "me"\npassword_file = "{file}"\n')
    told = {"DONGTIN_ELASTICSEARCH_PASSWORD": "", "DONGTIN_ELASTICSEARCH_PASSWORD_FILE": ""}
    assert load(named, environment=told).elasticsearch.password.reveal() == WORD


@pytest.mark.parametrize(
    ("text", "environment", "told"),
    [
        ('password = "a"\npassword_file = "F"\n', {}, "give one of them"),
        ("", {"PASSWORD": WORD, "PASSWORD_FILE": "F"}, "give one of them"),
        ("", {"PASSWORD_FILE": "missing"}, "missing: No such file"),
        ("", {"PASSWORD_FILE": "empty"}, "is empty"),
        ("", {"PASSWORD_FILE": "binary"}, "not UTF-8"),
        ("", {"PASSWORD_FILE": "large"}, "is it the secret?"),
    ],
)
def test_a_mistake_is_told_without_the_secret(
    tmp_path: Path, file: Path, text: str, environment: dict[str, str], told: str
) -> None:
    """The error names the key and the file."""
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_text(WORD * 20_000, encoding="utf-8")
    path = config(tmp_path, '[elasticsearch]\nuser = "me"\n' + text.replace("F", str(file)))
    variables = {}
    for name, value in environment.items():
        file_name = str(file) if value == "F" else str(tmp_path / value)
        variables[f"DONGTIN_ELASTICSEARCH_{name}"] = file_name if "FILE" in name else value
    with pytest.raises(ConfigError) as caught:
        load(path, environment=variables)
    assert told in str(caught.value)
    assert WORD not in str(caught.value)
