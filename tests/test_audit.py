"""What `make audit` makes of pip-audit's report: an index that says nothing is no clean bill."""

from deploy.audit import verdict

CLEAN = {"name": "a", "version": "1.0", "vulns": []}
HOLED = {"name": "b", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}
SILENT = {"name": "c", "skip_reason": "Dependency not found on PyPI"}


def test_nothing_known_is_fine_only_if_all_were_checked() -> None:
    """Status 0 for all checked, 2 as soon as one was not, with why."""
    assert verdict({"dependencies": [CLEAN]}) == (0, "1 packages, no known vulnerability")
    status, told = verdict({"dependencies": [CLEAN, SILENT]})
    assert status == 2
    assert "not checked: 1 of 2 packages" in told
    assert "Dependency not found on PyPI" in told


def test_a_known_vulnerability_is_named_with_its_remedy() -> None:
    """Also where others could not be checked."""
    status, told = verdict({"dependencies": [SILENT, HOLED]})
    assert status == 1
    assert told.splitlines()[0] == "b 2.0: CVE-1, mended in 2.1"
    assert "not checked: 1 of 2" in told


def test_no_report_is_no_answer() -> None:
    """pip-audit could not be fetched, or failed."""
    assert verdict(None)[0] == 2
    status, told = verdict({"dependencies": []})
    assert status == 2
    assert "nothing was checked" in told
