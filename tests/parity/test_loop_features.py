"""The table of features names cases that there are, and enough of them."""
import fnmatch
import pathlib
import subprocess
import sys

import pytest

from loop_features import FEATURES

FOLDER = pathlib.Path(__file__).parent
FEWEST = 150


@pytest.fixture(scope="module")
def collected():
    files = sorted({pattern.split("::")[0] for patterns in FEATURES.values() for pattern in patterns})
    done = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", "-q", "--rootdir", FOLDER, *(FOLDER / f for f in files)],
                          capture_output=True, text=True, timeout=600, check=False, cwd=FOLDER)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return [line for line in done.stdout.splitlines() if "::" in line]


def matching(pattern, collected):
    """`[` and `]` stand for themselves."""
    escaped = pattern.replace("[", "\0").replace("]", "[]]").replace("\0", "[[]")
    return fnmatch.filter(collected, escaped)


@pytest.mark.parametrize("feature", FEATURES)
def test_feature_has_cases(feature, collected):
    assert FEATURES[feature]
    for pattern in FEATURES[feature]:
        assert matching(pattern, collected), f"{pattern} is no test"


def test_number_of_cases(collected):
    assert len({case for patterns in FEATURES.values() for pattern in patterns for case in matching(pattern, collected)}) >= FEWEST
