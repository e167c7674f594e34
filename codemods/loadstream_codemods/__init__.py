"""LibCST codemods, one file per pattern; each turns an accepted plan into an edit."""
