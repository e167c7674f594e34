"""The repository that the user works in: which files, which configuration, which git state.

Nothing here reads Python; `lint`, `rewrite` and `verify` are given what is found.
"""
