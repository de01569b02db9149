"""Who a server runs as."""

import subprocess
import sys
from pathlib import Path

from connectors.local.java import JAVA, not_root

WRITE = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(str(os.geteuid()))"


def test_a_server_is_not_root_and_can_write_to_its_folder(tmp_path: Path) -> None:
    """Whoever we are, the words put before a command make it a normal user with the data folder."""
    tmp_path.chmod(0o700)
    way = not_root(readable=(JAVA,), writable=(tmp_path,))
    subprocess.run([*way, sys.executable, "-c", WRITE, str(tmp_path / "who")], check=True)
    assert int((tmp_path / "who").read_text()) != 0


def test_java_answers() -> None:
    """The Java that comes with the environment runs, version 21."""
    done = subprocess.run([JAVA, "-version"], capture_output=True, text=True, check=True)
    assert 'version "21.' in done.stderr
