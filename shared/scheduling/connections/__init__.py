"""Connecting and disconnecting a calendar, and the browser sessions behind it."""
