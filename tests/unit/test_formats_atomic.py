"""Output files are complete or absent, whatever happens."""

import os
import stat
import threading

import pytest

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.atomic import OutputGroup, atomic_output, remove_temporaries


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_file_appears_at_the_end(tmp_path):
    target = tmp_path / "image.img"
    with atomic_output(target) as file:
        file.write(b"pixels")
        (temporary,) = files(tmp_path)
        assert temporary.startswith(".")
        assert not target.exists()
    assert target.read_bytes() == b"pixels"
    assert files(tmp_path) == ["image.img"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, FormatError])
def test_a_failure_leaves_the_old_file(tmp_path, error):
    target = tmp_path / "image.img"
    target.write_bytes(b"old")
    with pytest.raises(error), atomic_output(target) as file:
        file.write(b"new" * 100000)
        raise error("stop")
    assert target.read_bytes() == b"old"
    assert files(tmp_path) == ["image.img"]


def test_permissions_are_those_of_any_new_file(tmp_path):
    old = os.umask(0o027)
    try:
        with atomic_output(tmp_path / "new") as file:
            file.write(b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_permissions_of_an_old_file_are_kept(tmp_path):
    target = tmp_path / "old"
    target.touch()
    target.chmod(0o604)
    with atomic_output(target) as file:
        file.write(b"x")
    assert stat.S_IMODE(target.stat().st_mode) == 0o604


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_followed(tmp_path, exists):
    (tmp_path / "there").mkdir()
    if exists:
        (tmp_path / "there" / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("there/target")
    (tmp_path / "link2").symlink_to("link")
    with atomic_output(tmp_path / "link2") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "target").read_bytes() == b"new"
    assert files(tmp_path / "there") == ["target"]


def test_a_pipe_is_written_directly(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    with atomic_output(pipe) as file:
        file.write(b"through")
    reader.join()
    assert received == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_descriptor_path_is_written_in_place(tmp_path):
    target = tmp_path / "redirected"
    with target.open("wb") as redirected:
        inode = target.stat().st_ino
        with atomic_output(f"/dev/fd/{redirected.fileno()}") as file:
            file.write(b"in place")
    assert target.read_bytes() == b"in place"
    assert target.stat().st_ino == inode


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing/image.img", "missing does not exist"),
        ("folder", "that is a folder"),
        ("folder/", "names a folder"),
        ("", "no file name"),
        ("file/image.img", "Not a directory"),
        ("loop", "too many levels of links"),
        ("a\0b", "zero character"),
        ("x" * 300, "too long"),
    ],
)
def test_impossible_targets(tmp_path, monkeypatch, name, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    before = files(tmp_path)
    with pytest.raises(FormatError, match=words), atomic_output(name) as file:
        file.write(b"x")
    assert files(tmp_path) == before


def test_a_full_disk_is_one_clear_line():
    for size in (100000, 1):
        # One byte stays in the buffer, and is found out only when the file is closed.
        words = "cannot write /dev/full: No space left"
        with pytest.raises(FormatError, match=words), atomic_output("/dev/full") as file:
            file.write(b"x" * size)


def test_a_group_is_all_or_nothing(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(FormatError), OutputGroup() as outputs:
        outputs.open(tmp_path / "a").write(b"new")
        outputs.open(tmp_path / "b").write(b"new")
        outputs.open("/dev/full").write(b"found out only when the file is closed")
    assert files(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_in_a_group_the_later_of_one_name_wins(tmp_path):
    with OutputGroup() as outputs:
        outputs.open(tmp_path / "a").write(b"first")
        outputs.open(tmp_path / "a").write(b"second")
    assert (tmp_path / "a").read_bytes() == b"second"
    assert files(tmp_path) == ["a"]


def test_a_signal_handler_can_clean_up(tmp_path):
    with pytest.raises(FormatError), atomic_output(tmp_path / "a") as file:
        file.write(b"x")
        assert len(files(tmp_path)) == 1
        remove_temporaries()
        assert files(tmp_path) == []
