"""`loadstream init`: what is in a repository, and the configuration that follows from it.

    files → survey (loaders, data) → proposal → text of the block → pyproject.toml with it

Nothing is written here.
"""
