"""`flowport plugin new`: one folder, whole or not at all. tests/install builds what it writes."""
import json
import os
import resource

import pytest

MASK = os.umask(0)
os.umask(MASK)
FILES = ["CMakeLists.txt", "README.md", "graph.pbtxt", "meson.build", "text_ops.cpp", "text_ops_test.cpp"]


def test_it_writes_a_folder(flowport, tmp_path):
    done = flowport("plugin", "new", "text_ops")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in (tmp_path / "text_ops").iterdir()) == FILES
    assert "text_ops/README.md" in done.stdout
    assert (tmp_path / "text_ops").stat().st_mode & 0o777 == 0o777 & ~MASK
    assert '("TextOps"' in (tmp_path / "text_ops/text_ops.cpp").read_text()


def test_json(flowport, tmp_path):
    (tmp_path / "packs").mkdir()
    done = flowport("plugin", "new", "text_ops", "--dir", "packs", "--json")
    assert json.loads(done.stdout) == {
        "name": "text_ops",
        "op": "TextOps",
        "folder": "packs/text_ops",
        "library": "flowport_text_ops.so",
        "files": FILES,
    }
    assert (tmp_path / "packs/text_ops/meson.build").is_file()


@pytest.mark.parametrize("name", ["", "1st", "_x", "a-b", "a.b", "../x", "a/b", "é", "a" * 65])
def test_what_is_no_name(flowport, tmp_path, name):
    done = flowport("plugin", "new", name)
    assert done.returncode == 1 and "letters, digits or _" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make", [
    lambda path: path.mkdir(),
    lambda path: path.write_text("mine"),
    lambda path: path.symlink_to("nowhere"),
], ids=["folder", "file", "dangling link"])
def test_what_is_there_stays(flowport, tmp_path, make):
    make(tmp_path / "text_ops")
    done = flowport("plugin", "new", "text_ops")
    assert done.returncode == 1 and "already" in done.stderr and "text_ops" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["text_ops"]
    assert not (tmp_path / "text_ops").is_dir() or list((tmp_path / "text_ops").iterdir()) == []


def test_a_folder_that_is_not_there(flowport, tmp_path):
    done = flowport("plugin", "new", "text_ops", "--dir", "absent")
    assert done.returncode == 4 and "absent/text_ops" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_nothing_half_written(flowport, tmp_path):
    done = flowport("plugin", "new", "text_ops", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
    assert done.returncode == 4 and "cannot be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_usage(flowport):
    assert flowport("plugin", "new").returncode == 1
    assert flowport("plugin", "new", "--help").stdout.startswith("usage: flowport plugin new NAME")
    assert "flowport plugin new NAME" in flowport("plugin", "--help").stdout
