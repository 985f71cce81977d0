"""Outputs that cannot be written, and interruption: no partial file, what was there before stays."""
import os
import pathlib
import resource
import signal
import subprocess
import time

import pytest

from conftest import FLOWPORT
from graphs import FLOAT, node, placeholder


def leftovers(folder):
    return sorted(p.name for p in pathlib.Path(folder).iterdir())


def test_folder_that_is_missing(flowport, digits, tmp_path):
    done = flowport("convert", digits, "-o", "no/where/out.onnx")
    assert done.returncode == 4
    assert "no/where" in done.stderr
    assert leftovers(tmp_path) == []


def test_target_is_a_folder(flowport, digits, tmp_path):
    (tmp_path / "out.onnx").mkdir()
    assert flowport("convert", digits, "-o", "out.onnx").returncode == 4
    assert leftovers(tmp_path / "out.onnx") == []


def test_folder_that_cannot_be_written(flowport, digits, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    folder = "/proc" if os.geteuid() == 0 else "locked"  # root may write almost everywhere
    done = flowport("convert", digits, "-o", f"{folder}/out.onnx")
    assert done.returncode == 4
    assert f"{folder}/out.onnx" in done.stderr


def test_disk_that_is_full(flowport, digits, tmp_path):
    (tmp_path / "out.onnx").write_text("before")

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = flowport("convert", digits, "-o", "out.onnx", preexec_fn=limit)
    assert done.returncode == 4, done.stderr
    assert leftovers(tmp_path) == ["out.onnx"]
    assert (tmp_path / "out.onnx").read_text() == "before"


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", folder], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("flags", [[], ["--external-data", "always"]])
def test_file_system_that_is_full(flowport, digits, small_disk, flags):
    (small_disk / "out.onnx").write_text("before")
    done = flowport("convert", digits, "-o", small_disk / "out.onnx", *flags)
    assert done.returncode == 4
    assert "space" in done.stderr
    assert leftovers(small_disk) == ["out.onnx"]
    assert (small_disk / "out.onnx").read_text() == "before"


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_interruption_leaves_nothing(tmp_path, stop):
    """Stopped at several moments of a conversion: never a partial file under any name."""
    text = placeholder() + "".join(node(f"n{i}", "Relu" if i % 2 else "Neg", f"n{i - 1}" if i else "x", T=FLOAT) for i in range(20000))
    model = tmp_path / "g.pbtxt"
    model.write_text(text)
    whole = tmp_path / "whole.onnx"
    subprocess.run([FLOWPORT, "convert", model, "-o", whole, "--outputs", "n19999:0", "--quiet"], check=True)
    stopped = 0
    for pause in (0.05, 0.15, 0.3, 0.5):
        folder = tmp_path / f"{pause}"
        folder.mkdir()
        child = subprocess.Popen([FLOWPORT, "convert", model, "-o", folder / "out.onnx", "--outputs", "n19999:0"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause)
        child.send_signal(stop)
        child.wait(60)
        stopped += child.returncode == -stop
        assert leftovers(folder) in ([], ["out.onnx"])
        if leftovers(folder):  # stopped after the model was in place
            assert (folder / "out.onnx").read_bytes() == whole.read_bytes()
    assert stopped > 0
