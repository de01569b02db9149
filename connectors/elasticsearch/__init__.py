"""Elasticsearch: what is written there (`dongtin index`), and the questions asked of it."""
