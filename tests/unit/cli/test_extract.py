"""`dongtin extract`: one article for a person, many for a script, clear words for bad input."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = "(DT) - Ngày 10.11, đồng chí Nguyễn Văn Mẫu, Bí thư Tỉnh ủy, nhắc lại Chỉ thị 05 CT/TW."


def _extract(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "connectors.cli.main", "extract", *words]
    return subprocess.run(command, input=given, capture_output=True)


def test_many_articles_give_a_line_each() -> None:
    """The predictions are in the form of the scorer: spans that slice, keys, credits."""
    lines = [
        {"id": "a", "text": TEXT, "published": "2020-11-11"},
        {"id": "b", "text": "", "title": None, "outlet": "bao"},
    ]
    given = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    done = _extract("--jsonl", given=given)
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["id"] == "a"
    (document,) = first["documents"]
    assert TEXT[document["start"] : document["end"]] == "Chỉ thị 05 CT/TW"
    assert (document["key"], document["tier"]) == ("05-CT/TW", "numbered")
    (person,) = first["people"]
    assert TEXT[person["start"] : person["end"]] == "Nguyễn Văn Mẫu"
    assert person["titles"] == ["Bí thư Tỉnh ủy"]
    assert [date["iso"] for date in first["dates"]] == ["2020-11-10"]
    assert first["dateline"] == "DT"
    assert second == {
        "id": "b", "documents": [], "people": [], "dates": [],
        "dateline": None, "byline": None, "photo_credits": [], "source_credit": None,
    }  # fmt: skip


def test_one_article_is_shown(tmp_path: Path) -> None:
    """A text file's findings are printed, with the rule when asked."""
    path = tmp_path / "bai.txt"
    path.write_text(TEXT, encoding="utf-8")
    shown = _extract(str(path), "--explain")
    assert shown.returncode == 0
    assert "05-CT/TW" in shown.stdout.decode()
    assert "Why" in shown.stdout.decode()
    assert json.loads(_extract(str(path), "--json").stdout)["facts"]["documents"]
    assert "<mark" in _extract(str(path), "--html").stdout.decode()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (b'{"id": "a"}', b"standard input:1: text: a string is wanted"),
        (b'{"id": "a", "text": "x"}\n[]', b"standard input:2: a JSON object is wanted"),
        (b"\xff\xfe", b"standard input:1: not a JSON object in UTF-8"),
        (b'{"id": "a", "text": "x", "published": 3}', b"published: a string or null is wanted"),
    ],
)
def test_a_bad_line_is_told_with_its_number(given: bytes, told: bytes) -> None:
    """Which line, what is wrong; exit status 1."""
    done = _extract("--jsonl", given=given)
    assert done.returncode == 1
    assert told in done.stderr
    assert b"Traceback" not in done.stderr


def test_bytes_that_are_not_utf_8_are_told(tmp_path: Path) -> None:
    """Not a traceback but what to do."""
    path = tmp_path / "bai.txt"
    path.write_bytes("Chỉ thị".encode("utf-16"))
    done = _extract(str(path))
    assert done.returncode == 1
    assert b"not UTF-8 at byte 0: convert it first" in done.stderr
    assert b"no such file" in _extract(str(tmp_path / "none")).stderr.lower()


def test_an_empty_text_has_nothing(tmp_path: Path) -> None:
    """Nothing to find is no error."""
    path = tmp_path / "bai.txt"
    path.write_bytes(b"")
    done = _extract(str(path))
    assert (done.returncode, b"nothing found" in done.stdout) == (0, True)


_COLUMNS = "key\talso\ttype\tissuer\tissued\tterm\ttitle\tsure\n"


def test_a_catalogue_of_ones_own_is_used(tmp_path: Path) -> None:
    """A document that only the user's file knows gets its issuer, date and title from there."""
    known, path = tmp_path / "own.tsv", tmp_path / "bai.txt"
    row = "999-CT/TW\t\tchỉ thị\tBộ Chính trị\t2031-02-03\tXVI\tVề việc thử\t2\n"
    known.write_text(_COLUMNS + row, encoding="utf-8")
    path.write_text("Theo Chỉ thị 999-CT/TW.", encoding="utf-8")
    done = _extract(str(path), "--json", "--catalogue", str(known))
    (mention,) = json.loads(done.stdout)["facts"]["documents"]
    assert (mention["title"], mention["issued"]) == ("Về việc thử", "2031-02-03")
    known.write_text(_COLUMNS + row.replace("2031-02-03", "hôm qua"), encoding="utf-8")
    done = _extract(str(path), "--catalogue", str(known))
    assert done.returncode == 2
    assert f"{known}:2: issued".encode() in done.stderr
