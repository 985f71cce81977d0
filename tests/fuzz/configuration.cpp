// Configuration files with any bytes, bodies of mappings included.
#include <cstddef>
#include <cstdint>
#include <string>

#include "config/config.h"
#include "registry/registry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  flowport::registry::Registry registry;
  const std::string text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(flowport::config::load_config_text(text, "folder", registry, {}));
  return 0;
}
