"""Runs under the Python of DIALS: what dxtbx makes of files, as JSON on standard output.

Usage: ask_dxtbx.py FILE... ; each is an image or an experiment list.
"""

import json
import sys
import traceback

from dxtbx.model.experiment_list import ExperimentList, ExperimentListFactory

GRID = 32


def places(panel):
    """Millimetres of points over a panel, by fractional pixel (fast, slow), with the reader's own parallax."""
    fast, slow = panel.get_image_size()
    points = [(fast * i / GRID, slow * j / GRID) for i in range(GRID + 1) for j in range(GRID + 1)]
    return [[*point, *panel.get_pixel_lab_coord(point)] for point in points]


def panel_model(panel):
    return {
        "fast": panel.get_fast_axis(), "slow": panel.get_slow_axis(), "origin": panel.get_origin(),
        "size": panel.get_image_size(), "pixel": panel.get_pixel_size(), "trusted": panel.get_trusted_range(),
        "thickness": panel.get_thickness(), "material": panel.get_material(), "mu": panel.get_mu(),
        "parallax": panel.get_px_mm_strategy().__class__.__name__, "places": places(panel),
    }


def beam_model(beam):
    return {
        "wavelength": beam.get_wavelength(), "direction": beam.get_sample_to_source_direction(),
        "normal": beam.get_polarization_normal(), "fraction": beam.get_polarization_fraction(),
    }


def scan_model(experiment):
    scan, goniometer = experiment.scan, experiment.goniometer
    return {
        "axis": list(goniometer.get_rotation_axis()) if goniometer else None,
        "range": scan.get_image_range() if scan else None, "oscillation": scan.get_oscillation() if scan else None,
        "exposures": list(scan.get_exposure_times()) if scan else None, "still": experiment.is_still(),
    }


def pixels_of(imageset):
    """Of each frame: sum, largest, and the positions of the three largest; and how many pixels the mask hides."""
    found = []
    for i in range(len(imageset)):
        raw = imageset.get_raw_data(i)[0].as_numpy_array()
        mask = imageset.get_mask(i)[0].as_numpy_array()
        found.append({
            "type": str(raw.dtype), "shape": raw.shape, "sum": float(raw.sum(dtype="f8")), "max": float(raw.max()),
            "at": raw.ravel().argsort(kind="stable")[-3:].tolist(), "masked": int((~mask).sum()),
            "first_masked": int((~mask).ravel().argmax()),
        })  # fmt: skip
    return found


def ask(name):
    if name.endswith(".expt"):
        experiments = ExperimentList.from_file(name, check_format=True)
    else:
        experiments = ExperimentListFactory.from_filenames([name])
    answers = []
    for experiment in experiments:
        crystal = experiment.crystal
        imageset = experiment.imageset
        answers.append({
            "beam": beam_model(experiment.beam), "panel": panel_model(experiment.detector[0]),
            "scan": scan_model(experiment), "A": list(crystal.get_A()) if crystal else None,
            "U": list(crystal.get_U()) if crystal else None,
            "cell": list(crystal.get_unit_cell().parameters()) if crystal else None,
            "format": imageset.get_format_class().__name__ if imageset else None,
            "pixels": pixels_of(imageset) if imageset else None,
        })  # fmt: skip
    return answers


def main(names):
    answers = {}
    for name in names:
        try:
            answers[name] = ask(name)
        except Exception as error:
            answers[name] = {"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
    print(json.dumps(answers))


main(sys.argv[1:])
