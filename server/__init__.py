"""The composition root: settings, wiring, ASGI app, command line."""
