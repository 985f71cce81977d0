"""The command line as a user meets it: messages, exit status, and that nothing is lost."""
import os
import pathlib
import subprocess

import pytest

FLOWPORT = os.environ.get("FLOWPORT", "flowport")
ROOT = pathlib.Path(os.environ.get("FLOWPORT_ROOT", pathlib.Path(__file__).parents[2]))
DIGITS = ROOT / "examples" / "digits" / "saved_model"


@pytest.fixture
def flowport(tmp_path):
    """Runs the program in a fresh folder; gives the finished process."""

    def run(*arguments, **options):
        options.setdefault("cwd", tmp_path)
        return subprocess.run([FLOWPORT, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False, **options)

    return run


@pytest.fixture
def digits():
    return DIGITS
