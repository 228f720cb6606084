"""The references family of fixes: names that lead to nothing."""
