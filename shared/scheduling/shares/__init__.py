"""Sharing availability, and everybody's view of a share."""
