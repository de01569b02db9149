"""The ledger read from what lasts: the crawler's store, the topics, the indices."""
