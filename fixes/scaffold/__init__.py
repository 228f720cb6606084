"""The scaffold family of fixes."""
