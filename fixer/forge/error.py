"""What a forge, or the program that asks it, refuses."""


class ForgeError(Exception):
    """Why there is no pull or merge request; the message says what to do. The branch was pushed."""
