"""The one exception of this package: a line for a person, no traceback."""


class StackError(Exception):
    """Something a person has to put right; its text is the whole explanation."""
