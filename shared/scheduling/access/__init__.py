"""Who may do what, how often, and by which signed links."""
