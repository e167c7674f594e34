"""loadstream lint."""
