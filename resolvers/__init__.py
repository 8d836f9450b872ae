"""The root fields: parse, call one port, convert."""
