"""The patterns, one file each, in the order in which they are tried."""
