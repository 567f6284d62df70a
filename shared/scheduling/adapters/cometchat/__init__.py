"""CometChat's REST API."""
