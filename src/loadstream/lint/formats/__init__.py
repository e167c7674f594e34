"""Output formats of lint, one file each: findings in, the whole text out."""
