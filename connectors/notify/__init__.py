"""Alerts to people (`dongtin notify`)."""
