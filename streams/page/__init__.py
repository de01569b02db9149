"""What a reader sees on an article page: `read`; and times as pages and feeds write them."""

from streams.page.reader import read
from streams.page.when import VIETNAM, parse_when

__all__ = ["VIETNAM", "parse_when", "read"]
