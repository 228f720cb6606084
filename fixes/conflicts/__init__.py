"""The conflicts family of fixes: settings that exclude one another."""
