// Plugin files with any bytes: what is looked at before a file is loaded. Nothing is loaded here.
#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "host/plugin_file.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::filesystem::path file = flowport::fuzz::scratch() / "plugin.so";
  flowport::fuzz::put(file, {data, size});
  static_cast<void>(flowport::host::inspect(file, true));
  std::filesystem::remove_all(flowport::fuzz::scratch());
  return 0;
}
