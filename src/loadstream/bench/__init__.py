"""loadstream bench."""
