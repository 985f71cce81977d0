// Configuration files with any bytes, bodies of mappings included.
#include <cstddef>
#include <cstdint>
#include <string>

#include "config/config.h"
#include "config/flow_text.h"
#include "registry/registry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  flowport::registry::Registry registry;
  flowport::config::LoadOptions options;
  options.flags = {"opset", "shape"};
  const auto loaded = flowport::config::load_config_text(text, "folder", registry, options);
  for (const auto& setting : loaded.config.settings) static_cast<void>(flowport::config::to_flow_text(setting.value));
  static_cast<void>(registry.check_pins());
  const auto* plugin =
      registry.add_owner({"org.me", "1", "flowport_me.so", flowport::registry::Layer::kUserPlugin, {}});
  options.owner = plugin;
  static_cast<void>(flowport::config::load_config_text(text, "folder", registry, options));
  return 0;
}
