"""A real `sam deploy` to MiniStack, with every permission enforced, and the whole job against it.

What differs from AWS is listed in the README.md beside this file, whole.
"""
