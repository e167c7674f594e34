"""loadstream project."""
