"""Decides. Pure functions over frozen values: no clock, no database, no network, no randomness."""
