"""`flowport plugin`, and what becomes of a run whose plugin misbehaves."""
import json
import os
import pathlib
import shutil
import subprocess

import onnx
import pytest

from conftest import FLOWPORT
from graphs import FLOAT, node, placeholder

FIXTURES = pathlib.Path(FLOWPORT).parent / "tests" / "plugins"
BUILTIN = pathlib.Path(FLOWPORT).parent / "plugins" / "builtin"


def fixture(name):
    return FIXTURES / f"flowport_{name}.so"


def graph_of(tmp_path, op):
    path = tmp_path / "graph.pbtxt"
    path.write_text(placeholder() + node("y", op, "x", T=FLOAT))
    return path


def convert(flowport, tmp_path, op, *arguments, **environment):
    return flowport("convert", graph_of(tmp_path, op), "--outputs", "y:0", "-o", "out.onnx", *arguments, env={**os.environ, **environment})


@pytest.mark.parametrize("op, words", [
    ("GarbageStatus", "returned the unknown status 4711"),
    ("OkWithoutOutputs", "returned OK without binding an output"),
    ("NoReason", "gave no reason"),
    ("BindsTwice", "output 0 was bound twice"),
    ("ForeignHandle", "which this call does not have"),
    ("UnknownOp", "NoSuchOp"),
    ("WrongAttr", "no_such_attr"),
    ("UnknownDomain", "com.nobody"),
    ("OkAfterFailure", "returned OK after a failure"),
])
def test_a_handler_that_misbehaves_is_told_of(flowport, tmp_path, op, words):
    done = convert(flowport, tmp_path, op, "--plugin", fixture("misbehaves"))
    assert done.returncode == (3 if op == "NoReason" else 5), done.stderr
    assert words in done.stderr
    assert not (tmp_path / "out.onnx").exists()


def test_a_handle_of_another_call_is_refused(flowport, tmp_path):
    (tmp_path / "graph.pbtxt").write_text(placeholder() + node("a", "StaleHandle", "x", T=FLOAT) + node("y", "StaleHandle", "a", T=FLOAT))
    done = flowport("convert", "graph.pbtxt", "--outputs", "y:0", "-o", "out.onnx", "--plugin", fixture("misbehaves"))
    assert done.returncode == 5
    assert "which this call does not have" in done.stderr


@pytest.mark.parametrize("op", ["ThrowsInt", "ThrowsStd"])
def test_exceptions_stop_at_the_boundary(flowport, tmp_path, op):
    done = convert(flowport, tmp_path, op, "--plugin", fixture("throws"))
    assert done.returncode == 5
    assert "exception" in done.stderr


def test_a_crash_names_plugin_handler_and_node(flowport, tmp_path):
    done = convert(flowport, tmp_path, "Crashes", "--plugin", fixture("misbehaves"))
    assert done.returncode == -6
    assert "plugin 'fixture.misbehaves', handler 'Crashes', TF node 'y'" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["graph.pbtxt"]


def test_no_handler_and_a_plugin_that_did_not_load_are_told_apart(flowport, tmp_path):
    done = convert(flowport, tmp_path, "Op")
    assert done.returncode == 3 and "no handler" in done.stderr and "not loaded" not in done.stderr
    (tmp_path / "plugins").mkdir()
    shutil.copy(fixture("null_convert"), tmp_path / "plugins")
    done = convert(flowport, tmp_path, "Op", FLOWPORT_PLUGIN_PATH=str(tmp_path / "plugins"))
    assert done.returncode == 3
    assert "plugin 'fixture.null_convert', which has one, was not loaded" in done.stderr and "P-019" in done.stderr



def test_a_plugin_that_cannot_be_loaded_when_needed(flowport, tmp_path):
    (tmp_path / "plugins").mkdir()
    shutil.copy(fixture("manifest_disagrees"), tmp_path / "plugins")
    done = convert(flowport, tmp_path, "OnlyInManifest", FLOWPORT_PLUGIN_PATH=str(tmp_path / "plugins"))
    assert done.returncode == 5
    assert "P-028" in done.stderr and "--disable fixture.manifest_disagrees" in done.stderr


def beside(tmp_path, text):
    """A plugin with a mapping file, in a folder for FLOWPORT_PLUGIN_PATH."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    shutil.copy(fixture("lazy"), folder)
    (folder / "flowport_lazy.yaml").write_text(text)
    return {"FLOWPORT_PLUGIN_PATH": str(folder)}


def test_a_mapping_file_beside_a_plugin_is_its_own(flowport, tmp_path):
    environment = beside(tmp_path, 'flowport: 1\nops:\n  LazyHalve: { body: "y = Mul(x0, 0.5)" }\n')
    assert convert(flowport, tmp_path, "LazyHalve", **environment).returncode == 0
    assert [n.op_type for n in onnx.load(tmp_path / "out.onnx").graph.node] == ["Mul"]
    assert "flowport_lazy.yaml:3" in flowport("explain", "LazyHalve", env={**os.environ, **environment}).stdout


def test_a_wrong_mapping_file_beside_a_plugin(flowport, tmp_path):
    environment = beside(tmp_path, "flowport: 1\nuse: { Abs: org.flowport.math }\n")
    done = convert(flowport, tmp_path, "Abs", **environment)
    assert done.returncode == 5 and "flowport_lazy.yaml:2" in done.stderr


def test_no_lock_covers_a_mapping_file(flowport, tmp_path):
    environment = {**os.environ, **beside(tmp_path, 'flowport: 1\nops:\n  LazyHalve: { body: "y = Mul(x0, 0.5)" }\n')}
    assert flowport("plugin", "lock", "-o", "plugins.lock", env=environment).returncode == 0
    done = convert(flowport, tmp_path, "LazyHalve", "--locked", "plugins.lock", FLOWPORT_PLUGIN_PATH=environment["FLOWPORT_PLUGIN_PATH"])
    assert done.returncode == 5 and "which no lock covers" in done.stderr


# ---- list ------------------------------------------------------------------------------------------------------------


def test_list_tells_all_that_was_found(flowport):
    done = flowport("plugin", "list", "--json", "--plugin", fixture("undefined_symbol"), "--plugin", fixture("good"), "--disable", "org.flowport.rnn")
    assert done.returncode == 5, "a plugin that was named could not be loaded"
    plugins = {pathlib.Path(each["file"]).name: each for each in json.loads(done.stdout)}
    bad = plugins["flowport_undefined_symbol.so"]
    assert (bad["state"], bad["stage"], bad["rule"]) == ("refused", "inspected", "P-009") and bad["next"]
    assert plugins["flowport_good.so"]["state"] == "active"
    assert plugins["flowport_math.so"]["state"] == "ready" and "Erfc" in plugins["flowport_math.so"]["ops"]
    assert plugins["flowport_rnn.so"]["reason"] == "disabled by 'org.flowport.rnn'"


def test_list_as_text(flowport):
    done = flowport("plugin", "list", "--load")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert any(line.startswith("active    org.flowport.nn ") for line in lines)


def test_debug_tells_each_step(flowport):
    done = flowport("plugin", "list", env={**os.environ, "FLOWPORT_DEBUG": "other,plugins"})
    assert "flowport_nn.so: org.flowport.nn (found through builtin; stage inspected)" in done.stderr
    assert flowport("plugin", "list").stderr == ""


def test_of_fifty_plugins_the_one_that_is_needed_is_loaded(flowport, tmp_path):
    """What makes start-up cheap; `./dev bench startup` measures it."""
    content = fixture("lazy").read_bytes()
    folder = tmp_path / "plugins"
    folder.mkdir()
    for i in range(50):
        (folder / f"flowport_{i}.so").write_bytes(content.replace(b"fixture.lazy", b"fixture.la%02d" % i).replace(b"LazyOp", b"Lazy%02d" % i))
    log = tmp_path / "log"
    environment = {"FLOWPORT_PLUGIN_PATH": str(folder), "FLOWPORT_FIXTURE_LOG": str(log)}
    listed = json.loads(flowport("plugin", "list", "--json", env={**os.environ, **environment}).stdout)
    assert [each["state"] for each in listed if each["id"].startswith("fixture.la")] == ["ready"] * 50
    assert convert(flowport, tmp_path, "Relu", **environment).returncode == 0
    assert not log.exists()
    done = convert(flowport, tmp_path, "Lazy07", **environment)
    assert done.returncode == 3 and "fixture.la07/new declined" in done.stderr, done.stderr
    assert log.read_text() == "init\n"


# ---- what is found and cannot be loaded; what is left out ------------------------------------------------------------


def test_what_is_merely_found_is_a_warning(flowport, digits, tmp_path):
    folder = tmp_path / "open"
    folder.mkdir()
    shutil.copy(fixture("plain_a"), folder)
    folder.chmod(0o777)
    environment = {**os.environ, "FLOWPORT_PLUGIN_PATH": f"{folder}:relative"}
    done = flowport("convert", digits, "-o", "out.onnx", env=environment)
    assert done.returncode == 0
    assert "warning: plugin 'flowport_plain_a.so' was not loaded: the folder can be written by everybody [P-004]" in done.stderr
    assert "takes absolute paths only" in done.stderr and "found through FLOWPORT_PLUGIN_PATH[1]" in done.stderr
    assert flowport("plugin", "list", env=environment).stderr == "", "the list itself shows them"


def test_a_folder_that_was_named_has_to_have_plugins(flowport, digits, tmp_path):
    (tmp_path / "folder").mkdir()
    done = flowport("convert", digits, "-o", "out.onnx", "--plugin-dir", "folder")
    assert done.returncode == 5 and "no file in it is called flowport_*.so" in done.stderr
    shutil.copy(fixture("plain_a"), tmp_path / "folder/plain.so")
    done = flowport("convert", digits, "-o", "out.onnx", "--plugin-dir", "folder")
    assert done.returncode == 5 and "there is plain.so" in done.stderr and "--plugin" in done.stderr


def test_missing_libraries_and_symbols_are_told_apart(flowport, tmp_path):
    (tmp_path / "helper.c").write_text("int helper(void) { return 1; }\n")
    (tmp_path / "plugin.c").write_text("int helper(void);\nint use(void) { return helper(); }\n")
    for command in (["cc", "-shared", "-fPIC", "helper.c", "-o", "libhelper.so"],
                    ["cc", "-shared", "-fPIC", "plugin.c", "-L.", "-lhelper", "-o", "flowport_x.so"]):  # fmt: skip
        subprocess.run(command, cwd=tmp_path, check=True)
    done = flowport("plugin", "list", "--plugin", "flowport_x.so")
    assert "libhelper.so" in done.stderr and "$ORIGIN" in done.stderr
    assert "link what defines that symbol" in flowport("plugin", "list", "--plugin", fixture("undefined_symbol")).stderr


def shown(flowport, *options, **environment):
    told = json.loads(flowport("plugin", "list", "--json", *options, **environment).stdout)
    return {each["id"] for each in told if each["state"] in ("active", "ready")}


def test_disable_and_enable(flowport, tmp_path):
    every = shown(flowport)
    family = {"org.flowport.nn", "org.flowport.math"}
    assert family <= every
    assert shown(flowport, "--disable", "org.flowport.[nm]*") == every - family
    only_nn = shown(flowport, "--disable", "org.flowport.[nm]*", "--enable", "org.flowport.nn")
    assert only_nn == every - {"org.flowport.math"}
    (tmp_path / "mine.yaml").write_text('flowport: 1\ndefaults:\n  disable: ["org.flowport.[nm]*"]\n  enable: ["*.nn"]\n')
    assert shown(flowport, "--config", "mine.yaml") == only_nn
    assert shown(flowport, "--config", "mine.yaml", "--enable", "*.math") == every - {"org.flowport.nn"}


def test_a_glob_that_fits_nothing(flowport, digits):
    for option in ("--disable", "--enable"):
        done = flowport("convert", digits, "-o", "out.onnx", option, "org.flowport.maths")
        assert done.returncode == 1 and f"{option} 'org.flowport.maths' fits no plugin" in done.stderr
        assert "did you mean 'org.flowport.math'" in done.stderr


# ---- inspect and check -----------------------------------------------------------------------------------------------


def test_inspect_runs_no_code(flowport):
    done = flowport("plugin", "inspect", fixture("ctor_crash"), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["manifest"] is None and told["exports"] == ["flowport_plugin_query_v1"] and len(told["sha256"]) == 64


def test_inspect_a_plugin_of_the_house(flowport):
    told = json.loads(flowport("plugin", "inspect", BUILTIN / "flowport_math.so", "--json").stdout)
    assert told["manifest"]["id"] == "org.flowport.math"
    assert {"op": "Digamma", "opset_min": 13} in [{"op": row["op"], "opset_min": row["opset_min"]} for row in told["manifest"]["handlers"]]
    text = flowport("plugin", "inspect", BUILTIN / "flowport_math.so").stdout
    assert "Digamma" in text and "exports   flowport_plugin_query_v1\n" in text


def test_inspect_what_is_no_plugin(flowport, tmp_path):
    (tmp_path / "flowport_x.so").write_text("no")
    done = flowport("plugin", "inspect", "flowport_x.so", "--json")
    assert done.returncode == 5
    assert json.loads(done.stdout)["refused"]["rule"] == "P-005"
    assert "[P-005]" in done.stderr


@pytest.mark.parametrize("file", sorted(BUILTIN.glob("flowport_*.so")), ids=lambda file: file.stem)
def test_the_plugins_of_the_house_pass_their_check(flowport, file):
    done = flowport("plugin", "check", file)
    assert done.returncode == 0, done.stdout
    assert done.stdout.endswith("OK\n")


def test_check_of_a_faulty_one(flowport):
    done = flowport("plugin", "check", fixture("ctor_sleep"), "--time-limit", "300", "--json")
    assert done.returncode == 5
    told = json.loads(done.stdout)
    assert not told["ok"] and "P-034" in [finding["rule"] for finding in told["findings"]]
    text = flowport("plugin", "check", fixture("ctor_crash"))
    assert text.returncode == 5 and text.stdout.endswith("FAILED\n") and "P-033" in text.stdout


def test_usage(flowport):
    assert flowport("plugin").returncode == 1
    done = flowport("plugin", "inspekt")
    assert done.returncode == 1 and "inspect" in done.stderr
    assert flowport("plugin", "check").returncode == 1
    assert flowport("plugin", "check", fixture("good"), "--time-limit", "0").returncode == 1
    for command in ("list", "inspect", "check", "lock", "new", "rules"):
        assert flowport("plugin", command, "--help").stdout.startswith(f"usage: flowport plugin {command}")


# ---- lock ------------------------------------------------------------------------------------------------------------


def test_locked(flowport, digits, tmp_path):
    mine = shutil.copy(fixture("good"), tmp_path)
    assert flowport("plugin", "lock", "--plugin", mine, "-o", "plugins.lock").returncode == 0
    done = flowport("convert", digits, "--plugin", mine, "--locked", "plugins.lock", "-o", "out.onnx")
    assert done.returncode == 0, done.stderr
    metadata = {each.key: each.value for each in onnx.load(tmp_path / "out.onnx").metadata_props}
    assert " fixture.good 1.0.0\n" in metadata["flowport.lock"] and " org.flowport.nn " in metadata["flowport.lock"]

    (tmp_path / "out.onnx").unlink()
    with open(mine, "ab") as file:
        file.write(b"x")
    done = flowport("convert", digits, "--plugin", mine, "--locked", "plugins.lock", "-o", "out.onnx")
    assert done.returncode == 5 and "[P-029]" in done.stderr
    assert not (tmp_path / "out.onnx").exists()


def test_lock_as_json(flowport, tmp_path):
    done = flowport("plugin", "lock", "--json", "--plugin", fixture("good"), "-o", "plugins.lock")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["file"] == "plugins.lock"
    lines = [line.split() for line in (tmp_path / "plugins.lock").read_text().splitlines() if not line.startswith("#")]
    assert lines == [[each["sha256"], each["id"], each["version"]] for each in told["plugins"]]
    assert "fixture.good" in [each["id"] for each in told["plugins"]]


def test_lock_file_that_is_none(flowport, digits, tmp_path):
    (tmp_path / "plugins.lock").write_text("nonsense\n")
    done = flowport("convert", digits, "--locked", "plugins.lock", "-o", "out.onnx")
    assert done.returncode == 5 and "plugins.lock:1" in done.stderr
    assert flowport("convert", digits, "--locked", "absent.lock", "-o", "out.onnx").returncode == 5
