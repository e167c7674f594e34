"""loadstream demo."""
