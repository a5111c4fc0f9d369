"""Scores of several runs become statements about them."""
