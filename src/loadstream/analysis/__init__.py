"""Decides which calls load, how the value is used, and what becomes of them. Static only.

Data flows one way: `SourceFile` → loads → uses → `Site` (a `Plan`, or the refusals).
"""
