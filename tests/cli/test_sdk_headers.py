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
    # Twice: the guard works.
    check_source(compiler, language, standard, f"#include <{header}>\n#include <{header}>\n" + ("int unit;\n" if language == "c" else ""))


def compile_source(compiler, language, standard, source):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler} here")
    command = [compiler, "-x", language, f"-std={standard}", "-fsyntax-only", *WARNINGS, f"-I{INCLUDE}", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=False)


def check_source(compiler, language, standard, source):
    done = compile_source(compiler, language, standard, source)
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


# As they were written for ABI 1.0, and by names.
ROWS = """
#include <flowport/abi.h>
constexpr flowport_target kPlaced[] = {{"edge-1", nullptr, 8, 0, {}, {}, "by place"}};
constexpr flowport_target kNamed[] = {{.id = "edge-2", .max_rank = 6}, {.id = "edge-3", .parent = "edge-2"}};
constexpr flowport_denial kDenial{.domain = "", .op = "Einsum", .reason = "no kernel"};
constexpr flowport_allowance kAllowance{.domain = "", .op = "Relu"};
constexpr flowport_schema kSchema{.domain = "a.b", .op = "C", .since_version = 1, .min_inputs = 1, .max_inputs = 1,
                                  .min_outputs = 1, .max_outputs = 1};
static_assert(kPlaced[0].max_rank == 0 && kPlaced[0].allowed.count == 0 && kNamed[0].parent == nullptr);
static_assert(kDenial.dtypes == 0 && kAllowance.opset_max == 0 && kSchema.library == nullptr && kNamed[1].max_rank == 0);
"""


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_rows_that_leave_out_what_came_later_compile_without_a_warning(compiler):
    check_source(compiler, "c++", "c++20", ROWS)


PLUGIN = """
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>
void relu(const flowport::Node& node) { node.bind(flowport::relu(node.input(0))); }
constexpr flowport::Handler kHandlers[] = {flowport::handler<relu>("MyRelu")};
FLOWPORT_PLUGIN({.id = "a.b", .version = "1", .summary = "s", .license = "l"}, kHandlers)
"""
SIGNATURE = "a handler is a function `void convert(const flowport::Node&)`"
ATTR = "no attribute of TensorFlow has this type in C++"
TEXTS = "a plugin needs an id, a version, a summary and a license"
# A mistake; what the compiler says of it.
MISTAKES = [
    ("void relu(const flowport::Node& node) {", "int relu(const flowport::Node& node) { return 0;", SIGNATURE),
    ("void relu(const flowport::Node& node) {", "void relu(const flowport::Value& x) { auto& node = x.node();", SIGNATURE),
    ("node.bind(", "node.attr<double>(\"alpha\"); node.bind(", ATTR),
    ('.id = "a.b", ', "", TEXTS),
    ('.license = "l"', '.license = ""', TEXTS),
]


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_the_plugin_without_a_mistake(compiler):
    check_source(compiler, "c++", "c++20", PLUGIN)


@pytest.mark.parametrize("was, mistake, words", MISTAKES)
@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_a_mistake_is_told_by_the_compiler(compiler, was, mistake, words):
    assert PLUGIN.count(was) == 1
    done = compile_source(compiler, "c++", "c++20", PLUGIN.replace(was, mistake))
    assert done.returncode != 0 and words in done.stderr, done.stderr


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_an_older_standard_is_told_of(compiler):
    done = compile_source(compiler, "c++", "c++17", PLUGIN)
    assert done.returncode != 0 and "compile with -std=c++20" in done.stderr
