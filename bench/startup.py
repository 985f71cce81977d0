"""What plugins in a folder cost at start: flowport with COUNT of them against flowport without, in turns.

Each has ten handlers and a manifest, so that its file is looked at and its code is not loaded."""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
FLOWPORT = os.environ.get("FLOWPORT", str(ROOT / "build" / "flowport"))

SOURCE = """
#include <flowport/manifest.h>
static flowport_status decline(const flowport_host* host, flowport_node* node, void* state) {
  (void)host; (void)node; (void)state;
  return FLOWPORT_DECLINED;
}
#define ROW(op) {.tf_op = ID op, .opset_min = 13, .convert = decline}
#define LINE(op) FLOWPORT_MANIFEST_HANDLER(ID op, ID op, "", 13, 0, 0, 0, 0, "", "")
static const flowport_handler kRows[] = {%s};
FLOWPORT_MANIFEST(FLOWPORT_MANIFEST_PLUGIN(ID, "1.0.0", "Apache-2.0", "", "bench") %s)
static const flowport_plugin kPlugin = {.struct_size = sizeof(kPlugin), .abi_major = FLOWPORT_ABI_MAJOR,
  .abi_minor = FLOWPORT_ABI_MINOR, .id = ID, .version = "1.0.0", .summary = "bench", .license = "Apache-2.0", .url = "",
  .handlers = {kRows, 10, sizeof(kRows[0])}};
const flowport_plugin* flowport_plugin_query_v1(uint16_t minor) { (void)minor; return &kPlugin; }
""" % (", ".join(f'ROW("Op{i}")' for i in range(10)), " ".join(f'LINE("Op{i}")' for i in range(10)))


def build(folder, count):
    source = folder / "plugin.c"
    source.write_text(SOURCE)
    for i in range(count):
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-I", ROOT / "sdk" / "include", f'-DID="bench.p{i}"', source,
                        "-o", folder / f"flowport_bench{i}.so"], check=True)


def seconds(path):
    start = time.perf_counter()
    subprocess.run([FLOWPORT, "target", "show"], check=True, stdout=subprocess.DEVNULL, env={**os.environ, "FLOWPORT_PLUGIN_PATH": path})
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugins", type=int, default=50)
    parser.add_argument("--runs", type=int, default=60)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        build(folder, arguments.plugins)
        listed = subprocess.run([FLOWPORT, "plugin", "list"], capture_output=True, text=True, check=True,
                                env={**os.environ, "FLOWPORT_PLUGIN_PATH": name}).stdout
        assert listed.count("ready     bench.p") == arguments.plugins, "not all of them were found"
        times = [(seconds(""), seconds(name)) for _ in range(arguments.runs)]
    without, with_them = (statistics.median(column) * 1e3 for column in zip(*times))
    print(f"start-up {without:.1f} ms without plugins, {with_them:.1f} ms with {arguments.plugins}: "
          f"{with_them - without:.1f} ms more, {(with_them - without) / arguments.plugins * 1e3:.0f} us each")


if __name__ == "__main__":
    main()
