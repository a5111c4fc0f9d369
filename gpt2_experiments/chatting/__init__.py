"""A conversation with tuned models: what `chat.py` does."""
