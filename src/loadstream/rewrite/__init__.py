"""loadstream rewrite."""
