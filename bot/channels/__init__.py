"""Channels: where messages come from and go to."""
