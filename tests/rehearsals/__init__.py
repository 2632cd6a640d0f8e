"""Scripted evenings: the end-to-end tests of the whole program, written so that a clinician can read them."""
