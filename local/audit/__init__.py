"""`make audit`: what the tools of others find in code, template and pinned packages."""
