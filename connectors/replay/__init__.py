"""Articles that we have had before, through the pipeline once more, beside live traffic."""
