"""Reports as text, one module a format. No format prints a file's content."""
