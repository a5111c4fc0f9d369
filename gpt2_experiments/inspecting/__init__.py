"""A look at a data set before it is used: the report of `inspect_data.py`."""
