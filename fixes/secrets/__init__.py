"""The secrets family of fixes."""
