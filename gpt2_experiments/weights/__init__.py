"""A folder of weights becomes a model and its tokenizer."""
