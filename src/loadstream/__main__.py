"""`python -m loadstream` is the `loadstream` command."""

from loadstream.cli import main

if __name__ == "__main__":
    main()
