"""`python -m fixer` is the command `dockfix`."""

from fixer.cli import main

main()
