"""Figures and charts for the reports of verify and bench: numbers as text, lines as SVG.

Standard library only, and nothing else of loadstream.
"""
