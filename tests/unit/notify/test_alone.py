"""One notify on a record of deliveries."""

import threading
from pathlib import Path

import pytest

from connectors.notify import notify
from connectors.notify.delivered import RECORD
from streams.alone import Alone
from streams.errors import Fatal
from streams.settings import Settings


def test_a_second_one_on_the_same_record_is_refused(tmp_path: Path) -> None:
    """Both would send what neither has noted yet."""
    with (
        Alone(tmp_path / RECORD, "another notify"),
        pytest.raises(Fatal, match=r"notify\.sqlite3: another notify works on it; stop that one"),
    ):
        notify.run(Settings(data_dir=tmp_path), threading.Event())
