"""Tuned models for other programs: what `export_model.py` writes."""
