"""A host's calendar: connected or not, busy or free, our own events, preferences."""
