"""The machine that figures are measured on: what it is, and what a process holds of its memory.

For `verify` and `bench`. Nothing is imported here: measured processes use `memory` alone.
"""
