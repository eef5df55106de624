"""The one exception family that reaches users: each message is one line that says what, where, what to do."""


class NanoBraggError(Exception):
    """A problem that the user can mend.

    Parameters
    ----------
    message : str
        One line, without a trailing newline.
    exit_code : int
        What the command exits with.
    """

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(" ".join(message.split("\n")))
        self.exit_code = exit_code


class OptionError(NanoBraggError):
    """The argument list cannot be understood."""


class FormatError(NanoBraggError):
    """A file cannot be read or written as what it should be."""


class ExperimentError(NanoBraggError):
    """The options are readable but describe no possible experiment."""
