"""The installed tree: what lies where, what it needs, and that a stranger can build a plugin against it."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

BUILD = pathlib.Path(os.environ["FLOWPORT"]).parent
MESON = pathlib.Path(os.environ["FLOWPORT_MESON"])
ENTRY = "flowport_plugin_query_v1"
RUNTIME = {"libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libc.so.6", "libdl.so.2", "libpthread.so.0"}
PLUGIN = """
#include <flowport/plugin.hpp>

namespace {

// InstallTestTwice(x) -> Add(x, x)
void twice(const flowport::Node& node) { node.bind(node.emit("Add", {node.input(0), node.input(0)})); }

constexpr flowport::Handler kHandlers[] = {flowport::handler<twice>("InstallTestTwice")};

}  // namespace

FLOWPORT_PLUGIN({.id = "test.install", .version = "1.0.0", .summary = "test", .license = "Apache-2.0"}, kHandlers)
"""


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def exports(library):
    return [line.split()[-1] for line in run("nm", "--dynamic", "--defined-only", library).splitlines()]


def needed(binary):
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "--dynamic", "--wide", binary)))


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """An installation that was moved to another place than the one it was configured for."""
    root = tmp_path_factory.mktemp("install")
    run(MESON, "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", root)
    programs = list(root.rglob("bin/flowport"))
    assert len(programs) == 1
    return programs[0].parent.parent


@pytest.fixture(scope="module")
def plugins(prefix):
    return sorted((prefix / "lib/flowport/plugins/builtin").glob("*.so"))


def pkg_config(prefix, *arguments):
    environment = os.environ | {"PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig")}
    return run("pkg-config", "--define-prefix", *arguments, "flowport-sdk", env=environment).split()


def test_layout(prefix, plugins):
    assert plugins
    assert (prefix / "lib/flowport/plugins/contrib/flowport_ort_contrib.so").is_file()
    assert list((prefix / "share/flowport/configs").rglob("*.yaml"))
    assert (prefix / "share/flowport/sdk/flowport.map").is_file()
    assert {"abi.h", "node.hpp", "ops.hpp", "plugin.hpp"} <= {path.name for path in (prefix / "include/flowport").iterdir()}


def test_only_what_belongs_to_flowport_is_installed(prefix):
    strangers = [
        path.relative_to(prefix)
        for path in prefix.rglob("*")
        if path.is_file() and "flowport" not in str(path.relative_to(prefix))
    ]
    assert not strangers


def test_needs_nothing_but_the_runtime(prefix, plugins):
    for binary in [prefix / "bin/flowport", *plugins]:
        needs = {name for name in needed(binary) if not name.startswith("ld-linux")}
        assert needs <= RUNTIME, binary.name


def test_plugins_export_their_entry_only(plugins):
    for plugin in plugins:
        assert exports(plugin) == [ENTRY], plugin.name


def test_binaries_name_no_path_of_the_machine_that_built_them(prefix, plugins):
    source = str(pathlib.Path(os.environ["FLOWPORT_ROOT"])).encode()
    for binary in [prefix / "bin/flowport", *plugins]:
        assert source not in binary.read_bytes(), binary.name


def test_pkg_config_tells_where_plugins_go(prefix):
    header = (prefix / "include/flowport/abi.h").read_text()
    for part in ("MAJOR", "MINOR"):
        value = re.search(rf"#define FLOWPORT_ABI_{part} (\d+)", header).group(1)
        assert pkg_config(prefix, f"--variable=abi_{part.lower()}") == [value]
    (folder,) = pkg_config(prefix, "--variable=plugindir")
    assert pathlib.Path(folder).resolve() == prefix / "lib/flowport/plugins/contrib"


def test_finds_its_plugins_and_mappings_where_it_was_moved(prefix):
    assert run(prefix / "bin/flowport", "ops") == run(BUILD / "flowport", "ops")


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_a_stranger_builds_a_plugin(prefix, tmp_path, compiler):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler} here")
    (tmp_path / "twice.cpp").write_text(PLUGIN)
    plugin = tmp_path / "twice.so"
    (sdk,) = pkg_config(prefix, "--variable=sdkdir")
    flags = ["-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
    script = f"-Wl,--version-script={sdk}/flowport.map"
    run(compiler, *flags, *pkg_config(prefix, "--cflags"), tmp_path / "twice.cpp", script, "-o", plugin)

    assert exports(plugin) == [ENTRY]
    found = run(prefix / "bin/flowport", "explain", "InstallTestTwice", "--plugin", plugin)
    assert "test.install" in found
