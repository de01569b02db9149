"""Known vulnerabilities of the locked packages, by pip-audit: `make audit`, part of `make release-check`.

It asks the package index. An index that does not tell (a mirror, mostly) is not an index that knows of none:
then nothing has been checked, and that is a failure with a status of its own. Exit status: 0 none is known,
1 some are, 2 it could not be found out.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_TOOL = (sys.executable, "-m", "uv", "tool", "run", "--from", "pip-audit==2.10.1", "pip-audit")
_LOCK = ("--disable-pip", "--require-hashes", "--requirement", "requirements.lock")


def verdict(report: dict[str, Any] | None) -> tuple[int, str]:
    """Exit status, and what is to be told of pip-audit's JSON report; None: there is none.

    A package that the index says nothing of has a `skip_reason` in place of its version.
    """
    packages = report["dependencies"] if report else []
    known = [
        f"{package['name']} {package['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'none yet'}"
        for package in packages
        for found in package.get("vulns", ())
    ]
    silent = [package for package in packages if "skip_reason" in package]
    lines = list(known)
    if silent:
        lines.append(
            f"not checked: {len(silent)} of {len(packages)} packages, the first because: "
            f"{silent[0]['skip_reason']}. Run it where the package index tells of vulnerabilities."
        )
    if not packages:
        lines.append("nothing was checked: pip-audit gave no report; what it said stands above")
    status = 1 if known else 2 if silent or not packages else 0
    return status, "\n".join(lines or [f"{len(packages)} packages, no known vulnerability"])


def main() -> int:
    """Asks, and tells."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        where = ("--format", "json", "--output", str(report), "--progress-spinner", "off")
        # where all were skipped it says "No known vulnerabilities found": the report counts, not its words
        done = subprocess.run([*_TOOL, *_LOCK, *where], cwd=ROOT, capture_output=True, text=True)  # noqa: S603
        try:
            found = json.loads(report.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            sys.stderr.write(done.stderr)
            found = None
    status, told = verdict(found)
    sys.stderr.write("".join(f"audit: {line}\n" for line in told.splitlines()))
    return status


if __name__ == "__main__":
    sys.exit(main())
