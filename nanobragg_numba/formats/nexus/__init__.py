"""NeXus files (NXmx) of runs and of stacks of shots: one writer, one reader."""
