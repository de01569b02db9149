"""Outlets to `articles.raw`: `run` starts it all.

`schedule` says when, `feeds` and `pages` what is next; `spider` asks, through `guard` and
`middlewares`; `discover` reads feeds, `charset` and `page` pages; `store` keeps every fate and the
outbox; `publish` takes the outbox to Kafka.

The id of an article is that of the address in the feed. An address that redirects to an article that
we have is that article (`unchanged`); one that redirects to the front page is itself.
"""
