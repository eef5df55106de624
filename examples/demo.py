"""Render the 1ORC crystal and say what was written and how long it took.

Usage: python examples/demo.py FOLDER
"""

import os
import subprocess
import sys
import time
from pathlib import Path

CRYSTAL = Path(__file__).resolve().parent / "1orc"


def command() -> list[str]:
    """The command line of examples/1orc/README.md, as the shell would split it."""
    text = (CRYSTAL / "README.md").read_text()
    block = text.split("```sh\n")[1].split("```")[0]
    return block.replace("\\\n", " ").split()


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo")
    folder.mkdir(parents=True, exist_ok=True)
    argv = command()
    for i, word in enumerate(argv):
        if (CRYSTAL / word).is_file():
            argv[i] = os.path.relpath(CRYSTAL / word, folder)
    print("$ cd", folder, "\n$", " ".join(argv), flush=True)
    program = Path(sys.executable).parent / argv[0]
    began = time.perf_counter()
    code = subprocess.run([str(program), *argv[1:]], cwd=folder).returncode
    seconds = time.perf_counter() - began
    if code:
        return code
    print(f"\nWritten to {folder}/ in {seconds:.1f} s:")
    for path in sorted(folder.iterdir()):
        print(f"  {path.name:16} {path.stat().st_size:>10,} bytes")
    print(f"Look at {folder}/1orc.png, and run it again to see it start with compiled kernels.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
