"""`loadstream lsp`: the language server, for an editor to start."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys

import click


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="Talk over stdin and stdout; it is the only way.")
def command(stdio: bool) -> int:  # noqa: ARG001  (editors pass it out of habit)
    """Serve an editor: findings while you type, rule pages, quick fixes.

    Started by the editor, it talks over stdin and stdout until that ends the session. Exits with 0
    where it was told to shut down first, with 1 where it was not, with 2 if it could not run.
    """
    from loadstream.project.errors import InputError

    if importlib.util.find_spec("pygls") is None:
        raise InputError('lsp needs pygls: pip install "loadstream[lsp]"')
    if sys.stdin.isatty():
        raise InputError("lsp talks to an editor, which has to start it; you can use lint")
    from loadstream.cli.settings import analysis_settings
    from loadstream.lsp.session import serve

    logging.basicConfig(level=logging.CRITICAL)  # what goes wrong is said to the client
    # Only the protocol may write to the stdout that the editor reads.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return 0 if serve(analysis_settings, sys.stdin.buffer, out) else 1
