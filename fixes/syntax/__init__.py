"""Files that are no YAML, so that Compose reads nothing of them."""
