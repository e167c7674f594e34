"""The streaming runtime: the only part of loadstream that production code imports."""
