"""loadstream: move Python code from loading whole JSON files to streaming them, safely.

Migrated code imports the streaming runtime from here; everything else is the command line.
"""

__version__ = "0.1.0"
