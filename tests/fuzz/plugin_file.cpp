// Plugin files with any bytes: what is looked at before a file is loaded. Nothing is loaded here.
#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "host/elf_file.h"
#include "host/manifest.h"
#include "host/plugin_file.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::filesystem::path file = flowport::fuzz::scratch() / "plugin.so";
  flowport::fuzz::put(file, {data, size});
  if (const auto inspected = flowport::host::inspect(file, true)) {
    flowport::host::Manifest manifest;
    if (inspected->manifest) static_cast<void>(flowport::host::read_manifest(*inspected->manifest, manifest));
    static_cast<void>(flowport::host::read_linkage(inspected->opened->number(), inspected->identity.size));
  }
  std::filesystem::remove_all(flowport::fuzz::scratch());
  return 0;
}
