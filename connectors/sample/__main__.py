"""`python -m connectors.sample`: the sample outlet as a process of its own.

Its first line on standard output is JSON: `{"base_url": ..., "started": ...}`. Started again with
that port and that `--started`, it goes on as if it had never stopped. SIGTERM or Ctrl-C ends it.
"""

import argparse
import json
import signal
import sys
from datetime import datetime
from types import FrameType

from connectors.sample.server import SampleOutlet


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m connectors.sample", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--initial", type=int, default=12, help="articles published at the start")
    parser.add_argument("--interval", type=float, default=2.0, help="seconds between the others")
    parser.add_argument("--started", type=datetime.fromisoformat, help="ISO time with its zone")
    return parser.parse_args()


def _stop(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    given = _arguments()
    signal.signal(signal.SIGTERM, _stop)
    outlet = SampleOutlet(
        given.host,
        given.port,
        initial=given.initial,
        interval=given.interval,
        started=given.started,
    )
    told = {"base_url": outlet.base_url, "started": outlet.schedule.started.isoformat()}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    try:
        outlet.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
