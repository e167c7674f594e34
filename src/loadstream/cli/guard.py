"""How a command ends: its status, or one line on stderr that says what is wrong and what to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click

from loadstream.project.errors import InputError, InternalError

FAILED = 2
INTERRUPTED = 130
_DEBUG = "LOADSTREAM_DEBUG"


def exit_status(run: Callable[[], object]) -> int:
    """What `run()` ends with: its own status, or that of the error, which has then been told."""
    if os.environ.get(_DEBUG):
        return _outcome(run, unexpected=())
    return _outcome(run, unexpected=(Exception,))


def _outcome(run: Callable[[], object], unexpected: tuple[type[Exception], ...]) -> int:
    try:
        status = run()
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        tell(_of_click(error))
    except InputError as error:
        tell(str(error))
    except BrokenPipeError:
        _silence_stdout()
        return 1
    except unexpected as error:
        tell(_of_unexpected(error))
    else:
        return status if isinstance(status, int) else 0
    return FAILED


def tell(message: str) -> None:
    """One line on stderr: `error: …`."""
    click.echo(f"error: {' '.join(message.split())}", err=True)


def warn(message: str) -> None:
    """One line on stderr that changes nothing else: `warning: …`."""
    click.echo(f"warning: {' '.join(message.split())}", err=True)


def _of_click(error: click.ClickException) -> str:
    message = error.format_message()
    if message == "Missing command.":
        return "no command given: try loadstream demo, or loadstream --help for all of them"
    message = message[:1].lower() + message[1:].removesuffix(".")
    context = getattr(error, "ctx", None)
    if context is not None and context.parent is not None:
        return f"{message} ({context.command_path} --help)"
    return message


def _of_unexpected(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        place = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
        return f"{place}{error.strerror}"
    place = ""
    if isinstance(error, InternalError) and isinstance(error.__cause__, Exception):
        place, error = f" in {error}", error.__cause__
    return (
        f"internal error{place}: {type(error).__name__}: {error}; please report it with the "
        f"traceback that {_DEBUG}=1 shows"
    )


def _silence_stdout() -> None:
    """Whoever read our output has gone; keep the interpreter from flushing into nothing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
