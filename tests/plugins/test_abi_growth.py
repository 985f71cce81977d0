"""A change of abi.h that breaks plugins is met with a sentence; growth is not."""
import os
import pathlib
import shutil
import subprocess

import pytest

import check_abi

HERE = pathlib.Path(__file__).parent
NOW = (HERE.parents[1] / "sdk/include/flowport/abi.h").read_text()
FIRST = (HERE / "frozen/abi_1_0.h").read_text()
RELEASED = [FIRST, (HERE / "frozen/abi_1_2.h").read_text()]
LAYOUT = (HERE / "abi_layout.def").read_text()
KIND = "  uint32_t kind;\n  uint32_t count;\n  const void* data;\n} flowport_attr;"

# What is done to abi.h; what of it is named.
BREAKS = [
    (KIND, KIND.replace("kind;\n  uint32_t count;", "count;\n  uint32_t kind;"), "struct flowport_attr"),  # the layout is the same
    (KIND, "  uint32_t added;\n" + KIND, "struct flowport_attr"),
    ("  int64_t value;   /*", "  uint64_t value;   /*", "int64_t value"),
    ("  flowport_status (*constant)(flowport_node*, const flowport_tensor*, flowport_value* out);\n", "", "flowport_host"),
    ("flowport_status (*set_type)(flowport_node*, flowport_value, ", "flowport_status (*set_type)(flowport_node*, ", "set_type"),
    ("*id, *version, *summary", "*id, *summary, *version", "struct flowport_plugin"),
    ("FLOWPORT_NO_MEMORY = 5", "FLOWPORT_NO_MEMORY = 9", "FLOWPORT_NO_MEMORY=5"),
    ("typedef uint32_t flowport_value;", "typedef uint64_t flowport_value;", "flowport_value"),
    ('"flowport.body/1"', '"flowport.body/2"', "FLOWPORT_BODY_API"),
]
GROWS = [
    (KIND, KIND.replace("data;\n}", "data;\n  uint64_t added;\n}")),
    ("} flowport_rewrite;", "  const char* added;\n} flowport_rewrite;"),
    ("FLOWPORT_NO_MEMORY = 5,", "FLOWPORT_NO_MEMORY = 5, FLOWPORT_ADDED = 7,"),
]


def changed(was, is_now):
    assert NOW.count(was) == 1, was
    return NOW.replace(was, is_now)


def test_as_it_is():
    for released in RELEASED:
        assert list(check_abi.offences_of_growth(NOW, released)) == []
    assert list(check_abi.offences_of_layout(NOW, LAYOUT)) == []
    assert len(check_abi.declared(FIRST)) >= 20


@pytest.mark.parametrize("was, is_now, named", BREAKS)
def test_breaks(was, is_now, named):
    offences = list(check_abi.offences_of_growth(changed(was, is_now), FIRST))
    assert offences and "plugins built for ABI 1.0 rely on it" in offences[0]
    assert named in offences[0]


@pytest.mark.parametrize("was, is_now", GROWS)
def test_grows(was, is_now):
    assert list(check_abi.offences_of_growth(changed(was, is_now), FIRST)) == []


def test_what_the_layout_does_not_describe():
    (offence,) = check_abi.offences_of_layout(changed(*GROWS[1]), LAYOUT)
    assert "flowport_rewrite" in offence and "added" in offence
    (offence,) = check_abi.offences_of_layout(NOW + "\ntypedef struct flowport_new { int a; } flowport_new;\n", LAYOUT)
    assert "flowport_new" in offence


@pytest.mark.parametrize("language", ["c", "c++"])
def test_the_compiler_says_it_too(tmp_path, language):
    compiler = shutil.which("cc" if language == "c" else "c++")
    standard = "c11" if language == "c" else "c++20"
    command = [compiler, "-fsyntax-only", f"-I{tmp_path}", f"-I{HERE}", f"-std={standard}", "-x", language, "-"]
    (tmp_path / "flowport").mkdir()

    def compile_with(header):
        (tmp_path / "flowport/abi.h").write_text(header)
        return subprocess.run(command, input='#include "abi_layout.h"\n', capture_output=True, text=True, check=False,
                              env=os.environ | {"LC_ALL": "C"})

    assert compile_with(NOW).returncode == 0
    done = compile_with(changed(*BREAKS[1][:2]))
    assert done.returncode != 0 and "flowport_attr.kind is not where it was" in done.stderr
