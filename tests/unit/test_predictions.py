"""Predicted partialities against rendered intensities: the share of a spot's photons in each frame of a rotation."""

import h5py
import numpy as np

from nanobragg_numba.formats.nexus.reader import NexusReader
from nanobragg_numba.geometry import spots
from nanobragg_numba.geometry.ewald import covariance
from nanobragg_numba.geometry.spots import predict, rotated_crystal_from_record
from nanobragg_numba.programs.nanobragg.cli import main as nanobragg
from nanobragg_numba.programs.nanobragg.run import experiment_from

FRAMES, WIDTH, BOX, DMIN = 6, 0.3, 2, 4.2
# Spots of a block have tails that those predicted, Gaussians of the same width, lack: shares differ by some percent.
CRYSTAL = ("-cell 40 50 60 90 90 90 -misset 10 20 30 -default_F 100 -N 12 -fix phi-zero "
           "-nointerpolate -lambda 1 -distance 120 -pixel 0.4 -detpixels 256 -oversample 6 -fluence 1e27 -dump F.bin "
           f"-phi 3 -osc {FRAMES * WIDTH} -phisteps {FRAMES * 6} -nonoise -nopgm -noprogress")  # fmt: skip


def shares(frames, x, y):
    """Photons of a spot in each frame over those in all."""
    s, f = int(y), int(x)
    boxes = frames[:, s - BOX : s + BOX + 1, f - BOX : f + BOX + 1].sum(axis=(1, 2), dtype=float)
    return boxes / boxes.sum()


def test_partialities_are_shares_of_the_photons(tmp_path, monkeypatch):
    """In the frames of a NeXus file, each with its own part of the rotation."""
    monkeypatch.chdir(tmp_path)
    assert nanobragg([*CRYSTAL.split(), "-nexusfile", "a.nxs", "-frames", str(FRAMES)]) == 0
    with h5py.File("a.nxs") as file:
        frames = file["/entry/data/data"][()]
    predicted, places = {}, {}
    for i in range(FRAMES):
        with NexusReader("a.nxs") as file:
            record = file.record(i)
        found = predict(record.geometry, rotated_crystal_from_record(record.crystal, record.geometry), DMIN)
        for index, x, y, partiality in zip(map(tuple, found.hkl.tolist()), found.x, found.y, found.partiality):
            predicted.setdefault(index, np.zeros(FRAMES))[i] = partiality
            if partiality == predicted[index].max():
                places[index] = x, y
    whole = {index: values for index, values in predicted.items() if values.sum() > 0.97 and inside(places[index])}
    assert len(whole) > 12
    wrong = np.array([shares(frames, *places[index]) - values for index, values in whole.items()])
    assert np.sqrt((wrong**2).mean()) < 0.035, np.sqrt((wrong**2).mean())
    rendered = np.array([shares(frames, *places[index]) for index in whole])
    assert 0.97 < (rendered * np.array(list(whole.values()))).sum() / (rendered**2).sum() < 1.08


def inside(place):
    """Away from the edge and the direct beam."""
    return min(place) > 6 and max(place) < 250 and np.hypot(place[0] - 128, place[1] - 128) > 25


def test_domains_spread_as_predicted():
    """The rotations that a render goes through move a reflection as far, in the mean square, as predictions say."""
    run = "-cell 40 50 60 90 90 90 -default_F 1 -mosaic 2 -mosaic_domains 20000 -detpixels 8 -dump /nowhere"
    experiment = experiment_from(run).experiment
    rotations = experiment.mosaic.rotations.reshape(-1, 3, 3)
    turned = spots.rotated_crystal_of(experiment)
    r = np.diag([0.3, 0.3, 0.3])  # 1/Angstrom, along each axis
    perfect, mosaic = (covariance(turned, r, np.full(3, 1e-6), spread) for spread in (False, True))
    for i in range(3):
        moved = rotations @ r[i] - r[i]
        for j in range(3):
            if i != j:
                assert abs((moved[:, j] ** 2).mean() / (mosaic - perfect)[i, j, j] - 1.0) < 0.05
