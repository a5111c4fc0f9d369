"""A file of instruction entries becomes splits, token lists and padded batches."""
