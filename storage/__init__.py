"""Keeps. The only package that knows SQL."""
