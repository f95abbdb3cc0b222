"""Exports as files: what is chosen, how it is written, where it lies."""
