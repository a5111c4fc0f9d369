"""Responses become scores."""
