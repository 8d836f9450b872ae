"""Preferences: pure functions from feedback to what to add to a prompt."""
