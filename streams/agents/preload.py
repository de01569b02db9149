"""Imported once by the lanes' fork server: every lane then shares the loaded models' memory."""

from streams.enrichment import warm

warm()
