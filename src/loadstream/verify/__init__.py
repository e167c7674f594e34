"""loadstream verify."""
