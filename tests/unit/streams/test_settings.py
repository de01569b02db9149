"""Settings: three layers, and every mistake told with its place."""

from pathlib import Path

import pytest

from streams.configuration import load
from streams.errors import ConfigError

_OUTLET = '[outlets.bao]\nname = "Báo"\nfeeds = ["https://bao.example/rss"]\n'


def _write(folder: Path, text: str) -> Path:
    path = folder / "dongtin.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_later_layers_win(tmp_path: Path) -> None:
    """The file stands over the defaults, the environment over the file."""
    config = _write(
        tmp_path, '[kafka]\nbootstrap = "a:1"\nreplication = 3\n[crawler]\npoll = 5.0\n'
    )
    environment = {"DONGTIN_KAFKA_BOOTSTRAP": "b:2", "DONGTIN_ENRICH_WORDS": "false"}
    settings = load(config, environment=environment)
    assert (settings.kafka.bootstrap, settings.kafka.replication) == ("b:2", 3)
    assert (settings.crawler.poll, settings.crawler.pause) == (5.0, 1.0)
    assert settings.enrich.words is False


def test_own_outlets_take_the_place_of_the_shipped_ones(tmp_path: Path) -> None:
    """A file with outlets has exactly those; one without has the shipped ones."""
    assert set(load(_write(tmp_path, _OUTLET), environment={}).outlets) == {"bao"}
    assert set(load(_write(tmp_path, "[crawler]\n"), environment={}).outlets) == set(
        load(environment={}).outlets
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[kafka]\nbotstrap = "x"\n', ":2: kafka.botstrap: unknown key"),
        ("[kafak]\n", ":1: kafak: unknown table"),
        ('[kafka]\nreplication = "one"\n', ":2: kafka.replication: Expected `int`, got `str`"),
        ("[kafka\n", ":1:"),
        ("kafka = 3\n", "kafka: write it as a table"),
        ("outlets = 3\n", "outlets: write one table"),
        (_OUTLET.replace("name", "nmae"), ":2: outlets.bao.nmae: unknown key"),
        ('[outlets.bao]\nname = "Báo"\n', "outlets.bao: Object missing required field `feeds`"),
        (_OUTLET.replace("https://", "bao:"), "is not an http address"),
        ('[outlets.bao]\nname = "B"\nfeeds = []\n', "name at least one feed"),
        (_OUTLET.replace("https://", "https://me:hunter2@"), "outlets.bao.feeds: an address is"),
        (_OUTLET.replace("https://bao.example", "https://[::1"), "is not an http address"),
        (_OUTLET.replace("bao.example", "bao.example:99999"), "is not an http address"),
        ('[watch]\nquiet_until = "soon"\n', ":2: watch.quiet_until: 'soon' is no moment like"),
        ('[watch]\nquiet_until = "2026-12-01T08:00"\n', ":2: watch.quiet_until: "),
        ("[crawler]\npoll = -1.0\n", ":2: crawler.poll: -1.0 is not between"),
        ("[crawler]\npause = nan\n", ":2: crawler.pause: nan is not between"),
        ("[retention]\nraw = -1\n", ":2: retention.raw: -1 is not between 0 and 36500"),
        ("[retention]\ndead = 99999\n", ":2: retention.dead: 99999 is not between"),
        ("[metrics]\nport = 99999\n", ":2: metrics.port: 99999 is not between 0 and 65535"),
        (_OUTLET + "poll = inf\n", ":4: outlets.bao.poll: inf is not between"),
        ('[elasticsearch]\nurl = "http://["\n', "elasticsearch.url: not an http address"),
        ('[elasticsearch]\nurl = "http://me:hunter2@a:9200"\n', "elasticsearch.url: an address"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    """The error names the file, the line where it can be told, and the key."""
    path = _write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(path, environment={})
    assert str(caught.value).startswith(str(path))
    assert told in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """No file, no defaults in its place."""
    with pytest.raises(ConfigError, match="there is no such file"):
        load(tmp_path / "none.toml", environment={})


@pytest.mark.parametrize(
    "environment",
    [
        {"DONGTIN_KAFKA_BOOTSTARP": "x"},
        {"DONGTIN_ENRICH_LANES": "two"},
        {"DONGTIN_ENRICH_WORDS": ""},
        {"DONGTIN_ENRICH_LANES": "²"},
        {"DONGTIN_WATCH_QUIET_UNTIL": "2026-12-01"},
        {"DONGTIN_CRAWLER_POLL": ""},
    ],
)
def test_a_wrong_variable_is_told(environment: dict[str, str]) -> None:
    """A misspelt or malformed variable is an error, not a silent default."""
    with pytest.raises(ConfigError, match=next(iter(environment))):
        load(environment=environment)
