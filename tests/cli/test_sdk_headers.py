"""The headers of the SDK compile alone, in every language mode that they promise."""
import shutil
import subprocess

import pytest

from conftest import ROOT

INCLUDE = ROOT / "sdk" / "include"
# Those of folders below are parts of a header here.
HEADERS = sorted(str(path.relative_to(INCLUDE)) for path in (INCLUDE / "flowport").iterdir() if path.suffix in (".h", ".hpp"))
C_HEADERS = [header for header in HEADERS if header.endswith(".h")]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-Wno-unused-function"]


def compile_alone(compiler, language, standard, header):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler} here")
    # Twice: the guard works.
    source = f"#include <{header}>\n#include <{header}>\n" + ("int unit;\n" if language == "c" else "")
    command = [compiler, "-x", language, f"-std={standard}", "-fsyntax-only", *WARNINGS, f"-I{INCLUDE}", "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("header", C_HEADERS)
@pytest.mark.parametrize("standard", ["c11", "c17", "gnu17"])
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_c(compiler, standard, header):
    compile_alone(compiler, "c", standard, header)


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_cpp(compiler, header):
    compile_alone(compiler, "c++", "c++20", header)


def test_c_headers_are_those_of_the_boundary():
    assert C_HEADERS == ["flowport/abi.h", "flowport/manifest.h"]
