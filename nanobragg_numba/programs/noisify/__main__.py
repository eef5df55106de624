"""`python -m nanobragg_numba.programs.noisify` is the command noisify."""

from nanobragg_numba.programs.noisify.cli import main

if __name__ == "__main__":
    main()
