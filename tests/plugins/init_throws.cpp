// Its init throws: once something that is not std::exception.
#include <flowport/plugin.hpp>

namespace {

flowport_status init(const flowport_host*, void**, const char**) { throw 7; }

constexpr flowport_plugin kPlugin = [] {
  flowport_plugin plugin = flowport::describe(
      {.id = "fixture.init_throws", .version = "1.0.0", .summary = "a fixture", .license = "Apache-2.0"}, {});
  plugin.init = init;
  return plugin;
}();

}  // namespace

extern "C" __attribute__((visibility("default"))) const flowport_plugin* flowport_plugin_query_v1(std::uint16_t) {
  return &kPlugin;
}
