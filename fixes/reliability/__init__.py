"""The reliability family of fixes."""
