"""Runs under the Python of DIALS: what it found of crystals, and their intensities against a list of F, as JSON.

Usage: ask_series.py CRYSTAL.expt [SCALED.refl F.hkl]
"""

import json
import sys

import numpy as np
from dials.array_family import flex
from dxtbx.model.experiment_list import ExperimentList


def intensities(refl_file, hkl_file):
    """Correlation of scaled intensities with F^2, and how many there are."""
    table = flex.reflection_table.from_file(refl_file)
    good = table.get_flags(table.flags.scaled)
    table = table.select(good)
    hkl = np.abs(np.array(list(table["miller_index"])))
    values = table["intensity.scale.value"].as_numpy_array() / table["inverse_scale_factor"].as_numpy_array()
    F = {tuple(abs(int(word)) for word in line.split()[:3]): float(line.split()[3]) for line in open(hkl_file)}
    pairs = np.array([(value, F[tuple(index)] ** 2) for index, value in zip(hkl.tolist(), values) if tuple(index) in F])
    return {"cc": float(np.corrcoef(pairs.T)[0, 1]), "count": len(pairs)}


def main(expt_file, *more):
    answers = []
    for experiment in ExperimentList.from_file(expt_file, check_format=False):
        crystal = experiment.crystal
        frame = experiment.imageset.indices()[0]
        answers.append({"cell": list(crystal.get_unit_cell().parameters()), "A": list(crystal.get_A()), "frame": frame})
    print(json.dumps({"crystals": answers, **(intensities(*more) if more else {})}))


main(*sys.argv[1:])
