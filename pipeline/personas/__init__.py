"""Styles: the built-in personas, and how a garment is matched with one."""
