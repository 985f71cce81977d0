"""An installation, and the ways to build a plugin against it."""

import os
import pathlib
import subprocess

import pytest

BUILD = pathlib.Path(os.environ["FLOWPORT"]).resolve().parent
MESON = pathlib.Path(os.environ["FLOWPORT_MESON"])
ENTRY = "flowport_plugin_query_v1"


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def exports(library):
    return [line.split()[-1] for line in run("nm", "--dynamic", "--defined-only", library).splitlines()]


def pkg_config(folder, *arguments):
    """What pkg-config tells of the SDK whose package file is in `folder`."""
    environment = os.environ | {"PKG_CONFIG_PATH": str(folder)}
    return run("pkg-config", *arguments, "flowport-sdk", env=environment).split()


@pytest.fixture(scope="session")
def prefix(tmp_path_factory):
    """An installation that was moved to another place than the one it was configured for."""
    root = tmp_path_factory.mktemp("install")
    run(MESON, "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", root)
    programs = list(root.rglob("bin/flowport"))
    assert len(programs) == 1
    return programs[0].parent.parent
