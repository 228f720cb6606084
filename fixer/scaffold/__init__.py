"""What dockfix writes where something is missing: Dockerfiles, configuration, additions to a stack.

Each text is derived from the stack and the sources around it. Templates lie in `templates/`, in a
folder for each program.
"""
