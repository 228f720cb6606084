"""The fixes, one module each, in a folder for its family."""
