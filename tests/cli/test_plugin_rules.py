"""Each numbered rule of plugins is broken once, and the program tells it by its number; each fault that a plugin can have is told."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import FLOWPORT
from graphs import FLOAT, node, placeholder

BUILD = pathlib.Path(FLOWPORT).resolve().parent
FIXTURES = BUILD / "tests" / "plugins"


def fixture(name):
    return FIXTURES / f"flowport_{name}.so"


# ---- files that are not as the linker made them ----------------------------------------------------------------------


def absent(folder):
    return folder / "flowport_x.so"


def dangling_link(folder):
    (folder / "flowport_x.so").symlink_to(folder / "gone.so")
    return folder / "flowport_x.so"


def named_pipe(folder):
    os.mkfifo(folder / "flowport_x.so")
    return folder / "flowport_x.so"


def patched(folder, change):
    content = bytearray(fixture("plain_a").read_bytes())
    change(content)
    (folder / "flowport_x.so").write_bytes(content)
    return folder / "flowport_x.so"


def of_another_user(folder):
    file = pathlib.Path(shutil.copy(fixture("plain_a"), folder / "flowport_x.so"))
    os.chown(file, 12345, 12345)
    return file


def world_writable(folder):
    file = pathlib.Path(shutil.copy(fixture("plain_a"), folder / "flowport_x.so"))
    file.chmod(0o777)
    return file


def not_elf(folder):
    return patched(folder, lambda content: content.__setitem__(slice(None), b"#" * 4096))


def other_machine(folder):
    return patched(folder, lambda content: content.__setitem__(18, 2))


def relocatable(folder):
    return patched(folder, lambda content: content.__setitem__(16, 1))


def truncated(folder):
    return patched(folder, lambda content: content.__delitem__(slice(len(content) // 2, None)))


# ---- the table -------------------------------------------------------------------------------------------------------

# What breaks a rule: fixtures by name, or functions that make a file; `plugin check` tells the rule of each. The fixtures of
# shared/design/plugin-boundary.md 3.10 stand here or below.
BREAKS = {
    "P-001": [absent, dangling_link],
    "P-002": [named_pipe],
    "P-003": [of_another_user],
    "P-004": [world_writable],
    "P-005": [not_elf],
    "P-006": [other_machine],
    "P-007": [relocatable],
    "P-008": [truncated],
    "P-009": ["undefined_symbol"],
    "P-011": ["no_entry"],
    "P-012": ["null_desc"],
    "P-013": ["wrong_major", "entry_of_v2"],
    "P-014": ["min_host_too_high"],
    "P-015": ["short_struct"],
    "P-016": ["unknown_flags", "handler_flags", "handler_flags_together", "target_flags", "newer_bits"],
    "P-017": ["zero_stride", "odd_stride", "null_table", "endless_table"],
    "P-018": ["null_id", "null_tf_op", "empty_version", "unprintable_id", "endless_text", "denial_without_reason", "allowance_without_op"],
    "P-019": ["null_convert"],
    "P-020": ["max_below_min", "opset_zero"],
    "P-021": ["duplicate_row", "overlapping_range", "init_aborts"],
    "P-022": ["target_version_zero"],
    "P-023": ["custom_op_in_default_domain", "schema_min_above_max", "schema_attr_kind"],
    "P-024": ["rewrites_too_early"],
    "P-027": ["init_refuses", "init_fails", "init_silent", "init_throws"],
    "P-028": ["manifest_disagrees", "manifest_unreadable"],
    "P-030": ["exports_too_much", "no_entry"],
    "P-031": ["links_protobuf"],
    "P-032": ["plain_a"],
    "P-033": ["ctor_crash", "ctor_exits", "misbehaves"],
    "P-034": ["ctor_sleep", "misbehaves"],
    "P-035": ["misbehaves", "throws"],
    "P-036": ["tf_op_built_in", "tf_op_unreadable"],
    "P-037": ["misbehaves"],
}
# Rules that no single file breaks: the unit test that does.
BREAKS_IN_UNIT_TESTS = {
    "P-010": ["LazyPluginTest.AFileReplacedMeanwhileIsNotLoaded", "LockTest.AFileReplacedAfterItsInspectionIsNotLoaded"],
    "P-025": ["Refusals.TwoNamedPluginsOfOneId"],
    "P-026": ["Refusals.NamesThatAnotherPluginDefined"],
    "P-029": ["LockTest.AChangedFileIsRefused", "LockTest.OthersAreRefused"],
}
WITHOUT_FAULT = {
    "frozen_1_0", "frozen_1_2", "frozen_newest", "good", "good_again", "init_asks", "keeps_view", "lazy", "newer_minor", "plain_a", "plain_b",
    "reuses_memory", "taken_target", "target_of_1_1",
}  # fmt: skip


@pytest.fixture(scope="module")
def rules():
    done = subprocess.run([FLOWPORT, "plugin", "rules", "--json"], capture_output=True, text=True, check=True)
    return {each["rule"]: each for each in json.loads(done.stdout)}


def test_every_rule_is_broken_by_something(rules):
    assert BREAKS.keys() | BREAKS_IN_UNIT_TESTS.keys() == rules.keys()
    assert not BREAKS.keys() & BREAKS_IN_UNIT_TESTS.keys()


def test_every_fixture_breaks_a_rule_or_none():
    built = {path.stem.removeprefix("flowport_") for path in FIXTURES.glob("flowport_*.so")}
    faulty = {name for names in BREAKS.values() for name in names if isinstance(name, str)}
    assert built == faulty | WITHOUT_FAULT


def test_the_unit_tests_are_there():
    listed = subprocess.run([BUILD / "tests/unit/host_test", "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout
    names, suite = set(), ""
    for line in listed.splitlines():
        if not line.startswith(" "):
            suite = line.split()[0]
        else:
            names.add(suite + line.split()[0])
    for rule, tests in BREAKS_IN_UNIT_TESTS.items():
        assert set(tests) <= names, rule


CASES = [(rule, way) for rule, ways in BREAKS.items() for way in ways]


@pytest.mark.parametrize("rule, way", CASES, ids=[f"{rule}-{way if isinstance(way, str) else way.__name__}" for rule, way in CASES])
def test_a_broken_rule_is_told_by_its_number(flowport, rules, tmp_path, rule, way):
    if way is of_another_user and os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    file = fixture(way) if isinstance(way, str) else way(tmp_path)
    done = flowport("plugin", "check", file, "--time-limit", "300", "--json")
    told = json.loads(done.stdout)
    findings = {each["rule"]: each for each in told["findings"]}
    assert rule in findings, told
    assert findings[rule]["text"] == rules[rule]["text"]
    assert all(findings[rule][part] for part in ("reason", "next"))
    assert told["ok"] == all(rules[each]["breach"] == "remark" for each in findings)
    assert done.returncode == (0 if told["ok"] else 5)


@pytest.mark.parametrize("name", sorted(WITHOUT_FAULT))
def test_what_has_no_fault_passes(flowport, name):
    done = flowport("plugin", "check", fixture(name))
    assert done.returncode == 0, done.stdout


def test_rules_as_text(flowport, rules):
    lines = flowport("plugin", "rules").stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted(rules)


# ---- that a bad file does not end the program ------------------------------------------------------------------------


def test_truncated_anywhere(flowport, tmp_path):
    content = fixture("lazy").read_bytes()
    folder = tmp_path / "plugins"
    folder.mkdir()
    sizes = range(0, len(content), 64)
    for size in sizes:
        (folder / f"flowport_{size:06}.so").write_bytes(content[:size])
    done = flowport("plugin", "list", "--json", "--load", env={**os.environ, "FLOWPORT_PLUGIN_PATH": str(folder)})
    assert done.returncode == 0, done.stderr
    listed = [each for each in json.loads(done.stdout) if each["found_through"] == "FLOWPORT_PLUGIN_PATH[0]"]
    assert len(listed) == len(sizes)
    assert {each["rule"] for each in listed} <= {"P-005", "P-008"} and all(each["next"] for each in listed)


def test_an_init_that_would_end_the_program_does_not_run(flowport):
    done = flowport("plugin", "list", "--json", "--plugin", fixture("init_aborts"))
    assert done.returncode == 5 and "[P-021]" in done.stderr


def test_what_is_valid_for_the_session_may_be_kept(flowport, tmp_path):
    (tmp_path / "graph.pbtxt").write_text(placeholder() + "".join(node(name, "KeepsView", "x", T=FLOAT) for name in "abc"))
    (tmp_path / "mine.yaml").write_text(f"flowport: 1\nplugins:\n  - {{ file: {fixture('keeps_view')}, config: {{ style: bold }} }}\n")
    command = ["convert", "graph.pbtxt", "--outputs", "a:0,b:0,c:0", "-o", "out.onnx"]
    assert flowport(*command, "--config", "mine.yaml").returncode == 0
    done = flowport(*command, "--plugin", fixture("keeps_view"))
    assert done.returncode == 3 and "set the option `style`" in done.stderr
