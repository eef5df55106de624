"""The one exception family that reaches users: each message is one line that says what, where, what to do."""

import re

_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_LONGEST = 6000  # a file name has at most 4096 bytes


def _escape(character: re.Match[str]) -> str:
    return character[0].encode("unicode_escape").decode("ascii")


def one_line(message: str) -> str:
    """A message without what would break its line or steer a terminal, and of a bearable length."""
    if len(message) > _LONGEST:
        message = f"{message[: _LONGEST // 2]} ... {message[-_LONGEST // 2 :]}"
    return _STEERING.sub(_escape, message.replace("\n", " "))


class NanoBraggError(Exception):
    """A problem that the user can mend.

    Parameters
    ----------
    message : str
        One line, without a trailing newline. Characters that would break it or steer a terminal are written as
        escapes; names that are not UTF-8 stay as they came.
    exit_code : int
        What the command exits with.
    """

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(one_line(message))
        self.exit_code = exit_code


class NanoBraggWarning(UserWarning):
    """What the command says on standard error: the result is what was asked for, perhaps not what was meant."""


class OptionError(NanoBraggError):
    """The argument list cannot be understood."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message, exit_code)


class FormatError(NanoBraggError):
    """A file cannot be read or written as what it should be."""


class ExperimentError(NanoBraggError):
    """The options are readable but describe no possible experiment."""
