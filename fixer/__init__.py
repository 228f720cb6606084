"""The engine of dockfix: it knows documents, stacks, plans and patches, and no single fix."""
