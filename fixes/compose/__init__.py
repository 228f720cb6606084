"""The compose family of fixes."""
