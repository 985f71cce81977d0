"""The progress bar: on a terminal only, from one second on, and gone when the work is done."""
import os
import pty
import select
import signal
import subprocess
import time

import pytest

from conftest import FLOWPORT
from graphs import FLOAT, node, placeholder


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    """Takes a moment to convert."""
    path = tmp_path_factory.mktemp("model") / "g.pbtxt"
    path.write_text(placeholder() + "".join(node(f"n{i}", "Relu" if i % 2 else "Neg", f"n{i - 1}" if i else "x", T=FLOAT) for i in range(20000)))
    return path


def on_terminal(arguments, halt):
    """What the program writes to its terminal. `halt`: it is held for a second, and again while it has written nothing, so that a
    second passes while it works, whatever the machine's speed."""
    master, terminal = pty.openpty()
    child = subprocess.Popen([FLOWPORT, *map(str, arguments)], stdout=subprocess.PIPE, stderr=terminal, stdin=subprocess.DEVNULL)
    os.close(terminal)
    for _ in range(4 if halt else 0):
        time.sleep(0.05)
        if select.select([master], [], [], 0)[0]:
            break
        child.send_signal(signal.SIGSTOP)
        time.sleep(1.1)
        child.send_signal(signal.SIGCONT)
    text = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        text += part
    os.close(master)
    child.communicate(timeout=60)
    return child.returncode, text.decode()


def shown(text):
    """The lines that a terminal shows in the end."""
    lines, column = [[]], 0
    for char in text:
        if char == "\n":
            lines.append([])
            column = 0
        elif char == "\r":
            column = 0
        else:
            lines[-1][column:column + 1] = [char]
            column += 1
    return ["".join(line).strip() for line in lines]


def test_long_work_has_a_bar_that_goes_away(graph, tmp_path):
    status, text = on_terminal(["convert", graph, "-o", tmp_path / "out.onnx", "--outputs", "n19999:0"], halt=True)
    assert status == 0
    assert "%" in text and "[#" in text
    assert shown(text) == [""]


def test_problems_come_after_the_bar(graph, tmp_path):
    graph = graph.with_name("bad.pbtxt")
    graph.write_text(graph.with_name("g.pbtxt").read_text() + node("y", "Frobnicate", "n19999"))
    status, text = on_terminal(["convert", graph, "-o", tmp_path / "out.onnx", "--outputs", "y:0"], halt=True)
    assert status == 3
    assert "%" in text
    assert shown(text)[0].startswith("error: 1 op cannot be converted")


@pytest.mark.parametrize("flags, halt", [(["--quiet"], True), ([], False)])
def test_no_bar(digits, graph, tmp_path, flags, halt):
    model, output = (graph, ["--outputs", "n19999:0"]) if halt else (digits, [])
    assert on_terminal(["convert", model, "-o", tmp_path / "out.onnx", *output, *flags], halt) == (0, "")


def test_no_bar_without_a_terminal(graph, tmp_path):
    child = subprocess.Popen([FLOWPORT, "convert", graph, "-o", tmp_path / "out.onnx", "--outputs", "n19999:0"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    child.send_signal(signal.SIGSTOP)
    time.sleep(1.1)
    child.send_signal(signal.SIGCONT)
    assert child.communicate(timeout=60)[1] == ""
