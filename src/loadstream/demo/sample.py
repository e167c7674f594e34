"""Where the sample repository is: beside the sources in a checkout, inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

from loadstream.project.errors import InputError

_PACKAGE = Path(__file__).resolve().parent.parent
_PLACES = (
    _PACKAGE / "fixtures" / "session_logs",
    _PACKAGE.parent.parent / "fixtures" / "session_logs",
)


def sample_repository() -> Path:
    """The folder of the sample repository, which is to be copied and never worked in.

    Raises InputError where the installation lacks it.
    """
    for place in _PLACES:
        if (place / "generate_data.py").is_file():
            return place
    raise InputError(
        "the sample repository is missing from this installation: reinstall loadstream"
    )
