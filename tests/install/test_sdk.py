"""A stranger builds plugins in a folder of his own, against an installed Flowport and against a build folder of it."""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys

import numpy
import onnx
import onnx.reference
import pytest

from conftest import BUILD, ENTRY, MESON, exports, pkg_config, run

# The tests' own packages bring CMake; it lies beside Python, on the path or not.
PATH = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]


@dataclasses.dataclass
class Sdk:
    program: pathlib.Path
    pkg_config: pathlib.Path  # folder of flowport-sdk.pc
    cmake: pathlib.Path  # folder of FlowportSdkConfig.cmake

    def environment(self):
        return os.environ | {
            "PKG_CONFIG_PATH": str(self.pkg_config),
            "FlowportSdk_DIR": str(self.cmake),
            "PATH": f"{self.program.parent}:{PATH}",
        }


def installed(prefix):
    return Sdk(prefix / "bin/flowport", prefix / "lib/pkgconfig", prefix / "lib/cmake/FlowportSdk")


@pytest.fixture(scope="session", params=["installed", "build folder"])
def sdk(request):
    if request.param == "build folder":
        return Sdk(BUILD / "flowport", BUILD / "sdk", BUILD / "sdk")
    return installed(request.getfixturevalue("prefix"))


def compile_alone(sdk, folder, source, library, compiler="c++"):
    """One command, with what pkg-config tells."""
    (data,) = pkg_config(sdk.pkg_config, "--variable=sdkdir")
    flags = ["-shared", "-fPIC", "-fvisibility=hidden", *STRICT, *pkg_config(sdk.pkg_config, "--cflags")]
    run(compiler, *flags, source, f"-Wl,--version-script={data}/flowport.map", "-o", library, cwd=folder)
    return folder / library


def with_command(sdk, folder, name, compiler="c++"):
    return compile_alone(sdk, folder, f"{name}.cpp", f"flowport_{name}.so", compiler)


def with_meson(sdk, folder, name):
    run(MESON, "setup", "build", cwd=folder, env=sdk.environment())
    run(MESON, "test", "-C", "build", cwd=folder, env=sdk.environment())
    tests = json.loads((folder / "build/meson-info/intro-tests.json").read_text())
    assert [test["name"] for test in tests] == ["unit", "check", "convert"]
    return folder / f"build/flowport_{name}.so"


def cmake(sdk, folder):
    run("cmake", "-G", "Ninja", "-S", ".", "-B", "build", cwd=folder, env=sdk.environment())
    run("cmake", "--build", "build", cwd=folder, env=sdk.environment())


def with_cmake(sdk, folder, name):
    cmake(sdk, folder)
    build, environment = folder / "build", sdk.environment()
    tests = json.loads(run("ctest", "--show-only=json-v1", cwd=build, env=environment))["tests"]
    assert [test["name"] for test in tests] == ["unit", "check", "convert"]
    run("ctest", cwd=build, env=environment)
    return folder / f"build/flowport_{name}.so"


def works(sdk, plugin, graph, expected):
    """It keeps the rules, and the graph's y is `expected` of its x."""
    assert exports(plugin) == [ENTRY]
    assert run(sdk.program, "plugin", "check", plugin).endswith("\nOK\n")
    model = plugin.parent / "model.onnx"
    run(sdk.program, "convert", graph, "--outputs", "y:0", "--plugin", plugin, "-o", model)
    x = numpy.arange(8, dtype=numpy.float32).reshape(2, 4) - 3
    (y,) = onnx.reference.ReferenceEvaluator(onnx.load(model)).run(None, {"x": x})
    numpy.testing.assert_allclose(y, expected(x))


# ---- plugin new ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("build", [with_command, with_meson, with_cmake])
def test_a_new_plugin_builds_passes_and_converts(sdk, tmp_path, build):
    told = json.loads(run(sdk.program, "plugin", "new", "text_ops", "--json", cwd=tmp_path))
    folder = tmp_path / "text_ops"
    assert (told["op"], told["library"]) == ("TextOps", "flowport_text_ops.so")
    assert told["files"] == sorted(path.name for path in folder.iterdir())
    assert not [path.name for path in folder.iterdir() if "@NAME@" in path.read_text() or "@OP@" in path.read_text()]
    works(sdk, build(sdk, folder, "text_ops"), folder / "graph.pbtxt", lambda x: x * x / 2)


def test_a_new_plugin_has_a_unit_test_that_can_fail(prefix, tmp_path):
    sdk = installed(prefix)
    run(sdk.program, "plugin", "new", "text_ops", cwd=tmp_path)
    folder = tmp_path / "text_ops"
    flags = [*STRICT, *pkg_config(sdk.pkg_config, "--cflags")]
    sources = ["text_ops.cpp", "text_ops_test.cpp"]
    run("c++", *flags, *sources, "-o", "unit", cwd=folder)
    run(folder / "unit")
    handler = (folder / "text_ops.cpp").read_text()
    (folder / "text_ops.cpp").write_text(handler.replace("x * x * scale", "x + x * scale"))
    run("c++", *flags, *sources, "-o", "broken", cwd=folder)
    done = subprocess.run([folder / "broken"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "FAILED floats are squared and scaled" in done.stderr


@pytest.mark.parametrize("name", ["test", "flowport_int"])
def test_names_that_mean_something_elsewhere_serve(prefix, tmp_path, name):
    sdk = installed(prefix)
    run(sdk.program, "plugin", "new", name, cwd=tmp_path)
    works(sdk, with_cmake(sdk, tmp_path / name, name), tmp_path / name / "graph.pbtxt", lambda x: x * x / 2)


# ---- a pack that was written before ----------------------------------------------------------------------------------

OPS = """
#include <flowport/ops.hpp>

void negate(const flowport::Node& node) { node.bind(-node.input(0)); }
"""
PACK = """
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

void negate(const flowport::Node& node);
namespace {

// PackTwice(x) -> Add(x, x)
void twice(const flowport::Node& node) { node.bind(node.input(0) + node.input(0)); }

constexpr flowport::Handler kHandlers[] = {flowport::handler<twice>("PackTwice"), flowport::handler<negate>("PackNegate")};

}  // namespace

FLOWPORT_PLUGIN({.id = "test.pack", .version = "1.0.0", .summary = "test", .license = "Apache-2.0"}, kHandlers)
"""
IN_C = """
#include <flowport/manifest.h>

static flowport_status twice(const flowport_host* host, flowport_node* node, void* state) {
  (void)state;
  flowport_value inputs[2];
  flowport_status status = host->node_input(node, 0, &inputs[0]);
  if (status != FLOWPORT_OK) return status;
  inputs[1] = inputs[0];
  const flowport_op add = {.struct_size = sizeof(add), .num_outputs = 1, .type = {"Add", 3}, .inputs = inputs, .num_inputs = 2};
  flowport_value sum;
  status = host->emit(node, &add, &sum);
  return status == FLOWPORT_OK ? host->bind_output(node, 0, sum) : status;
}
static const flowport_handler kHandlers[] = {{.tf_op = "PackTwice", .opset_min = 13, .convert = twice}};
static const flowport_plugin kPlugin = {
    .struct_size = sizeof(kPlugin), .abi_major = FLOWPORT_ABI_MAJOR, .abi_minor = FLOWPORT_ABI_MINOR,
    .id = "test.pack_in_c", .version = "1.0.0", .summary = "test", .license = "Apache-2.0", .url = "",
    .handlers = {kHandlers, 1, sizeof(kHandlers[0])}};

FLOWPORT_MANIFEST(FLOWPORT_MANIFEST_PLUGIN("test.pack_in_c", "1.0.0", "Apache-2.0", "", "test")
                  FLOWPORT_MANIFEST_HANDLER("PackTwice", "PackTwice", "", 13, 0, 0, 0, 0, "", ""))
__attribute__((visibility("default"))) const flowport_plugin* flowport_plugin_query_v1(uint16_t host_minor);
const flowport_plugin* flowport_plugin_query_v1(uint16_t host_minor) {
  (void)host_minor;
  return &kPlugin;
}
"""
GRAPH = """
node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } }
       attr { key: "shape" value { shape { dim { size: -1 } dim { size: 4 } } } } }
node { name: "y" op: "PackTwice" input: "x" attr { key: "T" value { type: DT_FLOAT } } }
"""


@pytest.fixture
def pack(tmp_path):
    for name, text in {"ops.cpp": OPS, "pack.cpp": PACK, "pack.c": IN_C, "graph.pbtxt": GRAPH}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_either_compiler_serves(sdk, pack, compiler):
    """The host is what the build's compiler made; that clang compiles the host too is for CI's build with clang to see."""
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler} here")
    (pack / "both.cpp").write_text('#include "ops.cpp"\n#include "pack.cpp"\n')
    works(sdk, with_command(sdk, pack, "both", compiler), pack / "graph.pbtxt", lambda x: x + x)


WITH_SCHEMA = """
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

extern const flowport::HandlerRows kOtherRows;
namespace {

// PackTwice(x) -> test.pack::Twice(x)
void twice(const flowport::Node& node) {
  const flowport::Value x = node.input(0);
  const flowport::Value y = node.emit("Twice", {x}, {}, "test.pack");
  node.set_type(y, {x.dtype(), x.dims()});
  node.bind(y);
}

constexpr flowport::Handler kHandlers[] = {flowport::handler<twice>("PackTwice")};
constexpr flowport_schema kSchemas[] = {{.domain = "test.pack", .op = "Twice", .since_version = 1, .min_inputs = 1, .max_inputs = 1,
                                         .min_outputs = 1, .max_outputs = 1}};
constexpr flowport_tf_op kTfOps[] = {{.op = "PackTwice", .inputs = "x: float", .outputs = "y: float"}};
constexpr flowport_target kTargets[] = {{.id = "pack", .parent = "onnx-21", .max_rank = 6}};

}  // namespace

FLOWPORT_ROWS(kRows, kHandlers);
FLOWPORT_PLUGIN_WITH((flowport::PluginInfo{.id = "test.pack", .version = "1", .summary = "s", .license = "l"}), kTargets, kSchemas,
                     {}, kTfOps, kRows, kOtherRows)
"""
OTHER_ROWS = """
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

extern const flowport::HandlerRows kOtherRows;
namespace {
void negate(const flowport::Node& node) { node.bind(-node.input(0)); }
constexpr flowport::Handler kHandlers[] = {flowport::handler<negate>("PackNegate")};
}  // namespace
FLOWPORT_ROWS(kOtherRows, kHandlers);
"""


def test_a_pack_of_several_sources_with_every_table(prefix, tmp_path):
    """Compiled one by one, as a build tool does."""
    sdk = installed(prefix)
    flags = ["-fPIC", "-fvisibility=hidden", *STRICT, *pkg_config(sdk.pkg_config, "--cflags")]
    for name, text in {"main": WITH_SCHEMA, "other": OTHER_ROWS}.items():
        (tmp_path / f"{name}.cpp").write_text(text)
        run("c++", *flags, "-c", f"{name}.cpp", cwd=tmp_path)
    (data,) = pkg_config(sdk.pkg_config, "--variable=sdkdir")
    plugin = tmp_path / "flowport_pack.so"
    run("c++", "-shared", "main.o", "other.o", f"-Wl,--version-script={data}/flowport.map", "-o", plugin, cwd=tmp_path)
    assert run(sdk.program, "plugin", "check", plugin).endswith("\nOK\n")
    told = json.loads(run(sdk.program, "plugin", "inspect", plugin, "--json"))["manifest"]
    assert [row["op"] for row in told["handlers"]] == ["PackTwice", "PackNegate"] and told["min_host_minor"] == 2
    assert told["tf_ops"] == [{"op": "PackTwice", "declaration": "PackTwice(x: float) -> (y: float)"}]
    assert "pack" in run(sdk.program, "target", "list", "--plugin", plugin)
    (tmp_path / "graph.pbtxt").write_text(GRAPH)
    run(sdk.program, "convert", "graph.pbtxt", "--outputs", "y:0", "--plugin", plugin, "--target", "pack", "-o", "out.onnx", cwd=tmp_path)
    assert [(n.domain, n.op_type) for n in onnx.load(tmp_path / "out.onnx").graph.node] == [("test.pack", "Twice")]


def test_a_pack_of_several_sources_with_meson(sdk, pack):
    (pack / "meson.build").write_text("""
project('pack', 'cpp', default_options: ['werror=true', 'warning_level=3'])
sdk = dependency('flowport-sdk', version: '>=0.1')
assert(sdk.get_variable('abi_major') == '1')
shared_module('flowport_pack', 'ops.cpp', 'pack.cpp', name_prefix: '', dependencies: sdk,
  gnu_symbol_visibility: 'hidden', link_args: '-Wl,--version-script=' + sdk.get_variable('sdkdir') / 'flowport.map')
""")
    run(MESON, "setup", "build", cwd=pack, env=sdk.environment())
    run(MESON, "compile", "-C", "build", cwd=pack, env=sdk.environment())
    works(sdk, pack / "build/flowport_pack.so", pack / "graph.pbtxt", lambda x: x + x)


CMAKE = """
cmake_minimum_required(VERSION 3.19)
project(pack LANGUAGES {languages})
find_package(FlowportSdk {version} CONFIG REQUIRED)
if(NOT FlowportSdk_ABI_MAJOR EQUAL 1)
  message(FATAL_ERROR "ABI ${{FlowportSdk_ABI_MAJOR}}")
endif()
flowport_add_plugin(pack {sources})
"""


@pytest.mark.parametrize("languages, sources", [("CXX", "ops.cpp pack.cpp"), ("C", "pack.c")])
def test_a_pack_with_cmake(sdk, pack, languages, sources):
    (pack / "CMakeLists.txt").write_text(CMAKE.format(languages=languages, sources=sources, version="0.1"))
    cmake(sdk, pack)
    works(sdk, pack / "build/flowport_pack.so", pack / "graph.pbtxt", lambda x: x + x)


def test_cmake_refuses_a_version_that_is_not_there(sdk, pack):
    (pack / "CMakeLists.txt").write_text(CMAKE.format(languages="C", sources="pack.c", version="99"))
    with pytest.raises(AssertionError, match="FlowportSdk"):
        cmake(sdk, pack)
