"""Garment specifications as they are given and shown: records of the VLT tool, and JSON."""
