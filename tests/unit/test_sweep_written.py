"""What a sweep notices: stacks that were cut off, inputs that changed, seeds at the end of their range."""

from pathlib import Path

import numpy as np
from sweeps import DRAWN, frames, printed, sweep, write_base

from nanobragg_numba.sweep.plan import digest_of_inputs, read_base


def test_a_stack_that_was_cut_off_is_rendered_again(tmp_path):
    """Without --verify: its length is enough."""
    out = tmp_path / "out"
    drawn = [*DRAWN[:1], "4", *DRAWN[2:], "--chunk", "2", "--workers", "1"]
    sweep(write_base(tmp_path), *drawn, "--out", str(out))
    before = frames(out)
    cut = out / "stacks/stack_000001.nxs"
    cut.write_bytes(cut.read_bytes()[:-1])
    assert "2 shots in" in sweep("--out", str(out), "--workers", "1").stdout
    after = frames(out)
    assert sorted(after) == sorted(before) and all(np.array_equal(after[shot], before[shot]) for shot in before)


def test_a_list_that_changes_without_changing_its_size_is_another_input(tmp_path):
    base = read_base(write_base(tmp_path))
    before = digest_of_inputs(base)
    listed = Path(tmp_path, "factors.hkl")
    text = listed.read_text()
    listed.write_text(text[:-2] + ("8" if text[-2] != "8" else "9") + "\n")
    assert len(listed.read_text()) == len(text) and digest_of_inputs(base) != before


def test_seeds_begin_again_at_the_end_of_their_range(tmp_path):
    """A seed is a C int: the largest and the next."""
    base = write_base(tmp_path, " -seed 2147483646 -mosaic_seed 2147483645")
    Path(tmp_path, "shots.csv").write_text("N\n5\n6\n7\n")
    out = str(tmp_path / "out")
    sweep(base, "--shots", str(tmp_path / "shots.csv"), "--out", out, "--workers", "1", "--pixels", "photons")
    said = [printed("--out", out, "--command", str(shot)).split() for shot in range(3)]
    seeds = {option: [words[words.index(option, words.index("-N")) + 1] for words in said]
             for option in ("-seed", "-mosaic_seed")}  # fmt: skip
    assert seeds["-seed"] == ["2147483646", "0", "1"]
    assert seeds["-mosaic_seed"] == ["2147483645", "2147483646", "0"]
