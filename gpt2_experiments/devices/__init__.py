"""What a run computes on: memory, and several devices together."""
