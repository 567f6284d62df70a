"""The operator's command: `python -m scheduling.admin`, over AWS or over a local run.

A command is one function with its options beside it, and a line in the table of `program`.
"""
