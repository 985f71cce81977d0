"""The installed tree: what lies where, and what it needs."""

import os
import pathlib
import re

import pytest

from conftest import BUILD, ENTRY, exports, pkg_config, run

RUNTIME = {"libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libc.so.6", "libdl.so.2", "libpthread.so.0"}


def needed(binary):
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "--dynamic", "--wide", binary)))


@pytest.fixture(scope="module")
def plugins(prefix):
    return sorted((prefix / "lib/flowport/plugins/builtin").glob("*.so"))


def test_layout(prefix, plugins):
    assert plugins
    assert (prefix / "lib/flowport/plugins/contrib/flowport_ort_contrib.so").is_file()
    assert list((prefix / "share/flowport/configs").rglob("*.yaml"))
    assert (prefix / "share/flowport/sdk/flowport.map").is_file()
    assert (prefix / "share/flowport/sdk/template/NAME.cpp").is_file()
    assert (prefix / "lib/cmake/FlowportSdk/FlowportSdkConfig.cmake").is_file()
    assert {"abi.h", "node.hpp", "ops.hpp", "plugin.hpp"} <= {path.name for path in (prefix / "include/flowport").iterdir()}


def test_only_what_belongs_to_flowport_is_installed(prefix):
    strangers = [
        path.relative_to(prefix)
        for path in prefix.rglob("*")
        if path.is_file() and "flowport" not in str(path.relative_to(prefix)).lower()
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
        assert pkg_config(prefix / "lib/pkgconfig", f"--variable=abi_{part.lower()}") == [value]
    (folder,) = pkg_config(prefix / "lib/pkgconfig", "--variable=plugindir")
    assert pathlib.Path(folder).resolve() == prefix / "lib/flowport/plugins/contrib"


def test_finds_its_plugins_and_mappings_where_it_was_moved(prefix):
    assert run(prefix / "bin/flowport", "ops") == run(BUILD / "flowport", "ops")
