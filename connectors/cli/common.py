"""What several commands do: one JSON value for a script, an end at a signal."""

import json
import signal
import sys
from threading import Event


def print_json(told: object) -> None:
    """One JSON value on standard output; Vietnamese as it is written, not as \\u escapes."""
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def end_at_signal(stop: Event) -> None:
    """From now on SIGTERM and SIGINT set `stop`. Only in the main thread."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
