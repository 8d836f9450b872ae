"""Numbered SQL, applied in order; a package so that a wheel carries it."""
