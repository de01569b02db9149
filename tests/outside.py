"""Hypothesis strategies for what comes from outside: valid samples, spoilt with a plan.

A sample that is nearly right reaches deeper than noise does: most of it is understood, and one thing
is wrong.
"""

import json
import os
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

#: How many times as many examples as in an ordinary run: `make fuzz` sets it.
LONGER = int(os.environ.get("DONGTIN_FUZZ", "1"))


def fuzzed(examples: int = 100) -> settings:
    """The profile of a fuzz test: the same examples in every ordinary run, new ones in a long one."""
    return settings(
        max_examples=examples * LONGER,
        derandomize=LONGER == 1,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )


_NOISE = (
    b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe1\xbb", b"\x1b[31m", b"\r\n", b"\xc2\x85",
    b"'", b'"', b"<", b">", b"&", b"]]>", b"-->", b"\\", b"\\ud800", b"\\u0000", b"{", b"[", b"}",
    b"9" * 400, b"-1", b"1e999", b"NaN", b"null", b"true", b"/", b"@", b"#", b"%00", b"..", b"=",
)  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn, samples: Sequence[bytes], tokens: Sequence[bytes] = ()) -> bytes:
    """One of the samples, changed in up to six places: cut out, doubled, overwritten, grown."""
    data = draw(st.sampled_from(list(samples)))
    pieces = st.one_of(st.sampled_from([*_NOISE, *tokens]), st.binary(max_size=6))
    for _ in range(draw(st.integers(0, 6))):
        begin = draw(st.integers(0, len(data)))
        end = min(len(data), begin + draw(st.integers(0, 30)))
        change = draw(st.sampled_from(["cut", "double", "put", "many", "end"]))
        if change == "cut":
            data = data[:begin] + data[end:]
        elif change == "double":
            data = data[:end] + data[begin:]
        elif change == "put":
            data = data[:begin] + draw(pieces) + data[end:]
        elif change == "many":
            data = data[:begin] + draw(pieces) * draw(st.integers(2, 200)) + data[begin:]
        else:
            data = data[:begin]
    return data


#: Values that a field may have in JSON and that nobody expects there.
ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
    st.sampled_from([
        "", "\u202e\u0000\x1b[31m", "a\nSubject: b", "x" * 3000, "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00", "2026-11-24T03:00:00", 2**63, -(2**63), 2**400, 1e308, [], {}, [[]],
        "http://[", "javascript:alert(1)", "</script><b>", "first-mention", "law", "title",
    ]),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)  # fmt: skip


@st.composite
def odd_json(draw: st.DrawFn, samples: Sequence[bytes]) -> bytes:
    """One of the samples with up to four of its values, at any depth, replaced or taken out."""
    value = json.loads(draw(st.sampled_from(list(samples))))
    for _ in range(draw(st.integers(0, 4))):
        node = value
        while isinstance(node, dict | list) and node:
            key: Any = draw(
                st.sampled_from(sorted(node))
                if isinstance(node, dict)
                else st.integers(0, len(node) - 1)
            )
            below = node[key]
            if not isinstance(below, dict | list) or not below or draw(st.booleans()):
                if draw(st.booleans()):
                    node[key] = draw(ODD)
                else:
                    del node[key]
                break
            node = below
    return json.dumps(value).encode()
