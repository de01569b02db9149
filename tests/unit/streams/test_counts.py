"""What is counted, and what is shown before it happens."""

from prometheus_client import REGISTRY

from streams.errors import Reason
from streams.metrics import account, show_zeros

_LETTERS = "dongtin_dead_letters_total"


def test_a_dead_letter_is_counted_beside_its_article() -> None:
    """By stage and reason; an article that was skipped, or went on, is none."""
    for outcome in (Reason.CRASH, Reason.CRASH, Reason.LIST_PAGE, "ok"):
        account("counted", str(outcome), "bao")
    assert REGISTRY.get_sample_value(_LETTERS, {"stage": "counted", "reason": "crash"}) == 2
    for outcome in ("list-page", "ok"):
        assert REGISTRY.get_sample_value(_LETTERS, {"stage": "counted", "reason": outcome}) is None


def test_what_rules_count_is_shown_at_zero() -> None:
    """Without it the first dead letter of a process, and the first alert given up, would be no growth."""
    show_zeros("fresh", ["bao"])
    for reason in Reason:
        shown = REGISTRY.get_sample_value(_LETTERS, {"stage": "fresh", "reason": str(reason)})
        assert shown == (0 if reason.disposition == "dead" else None)


def test_the_flow_of_a_stage_that_has_done_nothing_is_zero() -> None:
    """For each outlet of the settings; a stage shows only what it counts itself."""
    for stage in ("crawl", "watch", "notify"):
        show_zeros(stage, ["im", "lang"])
    value = REGISTRY.get_sample_value
    for outlet in ("im", "lang"):
        assert value("dongtin_articles_discovered_total", {"outlet": outlet}) == 0
        flow = {"outcome": "ok", "outlet": outlet}
        assert value("dongtin_articles_total", flow | {"stage": "crawl"}) == 0
        assert value("dongtin_articles_total", flow | {"stage": "notify"}) is None
    told = "dongtin_alerts_total"
    assert value(told, {"stage": "watch", "outcome": "first-mention"}) is not None
    assert value(told, {"stage": "notify", "outcome": "delivered"}) is not None
    assert value(told, {"stage": "crawl", "outcome": "delivered"}) is None
