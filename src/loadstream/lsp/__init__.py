"""The language server: findings, pages and quick fixes in an editor (`loadstream lsp`).

    open documents (documents.py) → their project (projects.py) → sites (examination.py)
    → diagnostics (diagnostics.py), pages (pages.py), code actions (actions.py)

server.py is the only file with state that changes while it runs; it answers on the event loop and
analyses in one thread beside it. Imports are followed in what is open as it stands in the editor,
and in all other files as they are on disk.
"""
