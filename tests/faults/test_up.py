"""`dongtin up` itself, killed with everything that it runs, and started again on the same folder."""

from collections import Counter
from pathlib import Path

import pytest

from connectors.sample.articles import expected_documents
from connectors.sample.server import SampleOutlet
from streams.identity import article_id, canonical_url
from tests.pipeline.running import Running, outlet, until
from tests.processes import lives

pytestmark = [pytest.mark.servers, pytest.mark.faults, pytest.mark.timeout(900)]

_SETTINGS = "[crawler]\npoll = 1.0\npause = 0.02\n"


def _up(folder: Path) -> Running:
    running = Running(folder / "outlets.toml", folder / "data")
    running.wait_for_stages()
    return running


def test_up_killed_with_nine_goes_on_where_it_was(tmp_path: Path) -> None:
    """Killed in mid-flow, its stages and servers end by themselves, although the broker that the stages
    want to finish with is gone too. The next one on the folder finds and tells what the first one had
    not: all of it once."""
    with SampleOutlet(initial=15, interval=0.5) as sample:
        config = _SETTINGS + outlet("mau", f"{sample.base_url}/rss.xml")
        (tmp_path / "outlets.toml").write_text(config, encoding="utf-8")
        first = _up(tmp_path)
        until(lambda: bool(first.alerts()), "the first alert")
        family = first.family()
        first.process.kill()
        first.process.wait()
        until(lambda: not any(lives(process) for process in family), "its processes to end")
        second = _up(tmp_path)
        try:
            total = len(sample.schedule.articles)
            until(lambda: len(sample.published()) == total, "the last article to be published")
            wanted = {article_id(canonical_url(url)) for url in sample.published()}

            def arrived() -> bool:
                found = {article["_id"] for article in second.search("articles")}
                told = {alert["document"] for alert in second.alerts()}
                return wanted <= found and expected_documents() <= told

            until(arrived, "everything to be found and told", pause=1.0)
            told = Counter(alert["document"] for alert in second.alerts())
            assert set(told.values()) == {1}
            assert second.command("ledger").returncode == 0
        finally:
            assert second.interrupt() == 0
