"""Comments for dockfix itself."""
