"""Touches the world: channels, clock, heartbeat, delivery, command line, pages."""
