"""The command line. Each command's weight is imported when that command runs."""


def main() -> None:
    """Run the `loadstream` command."""
    raise SystemExit("error: not built yet")
