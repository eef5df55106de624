"""Help and manual pages, made from an option table; only the standard library is imported.

The C programs' matching rules are not argparse's, so this parser describes the options and never parses them.
"""

import argparse

from nanobragg_numba.options.rows import OptionTable


def parser_of(table: OptionTable, prog: str, description: str, epilog: str) -> argparse.ArgumentParser:
    """A parser that holds every option of a table with its values, unit, default and meaning.

    Parameters
    ----------
    table : OptionTable
    prog : str
        The command's name.
    description, epilog : str
        What stands before and behind the options.
    """
    parser = argparse.ArgumentParser(
        prog=prog, description=description, epilog=epilog, prefix_chars="-", allow_abbrev=False,
        add_help=False, usage="%(prog)s [options]",
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=30, width=100),
    )  # fmt: skip
    groups = {section: parser.add_argument_group(section) for section in table.sections}
    seen: set[str] = set()
    for row in table.rows:
        names = [name for name in row.names if name not in seen]
        if not names:
            continue
        seen.update(names)
        group = groups[row.section]
        text = row.help + (f" [{row.default}]" if row.default else "")
        if row.metavar:
            metavar = tuple(row.metavar.split())
            group.add_argument(*names, nargs=len(metavar), metavar=metavar, help=text.replace("%", "%%"))
        else:
            group.add_argument(*names, action="store_true", help=text.replace("%", "%%"))
    return parser
