"""The security family of fixes."""
