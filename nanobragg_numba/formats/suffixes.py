"""What the names of files end in, where that decides what they are."""

NEXUS = (".nxs", ".h5", ".hdf5", ".nx5")
