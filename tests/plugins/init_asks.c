/* No fault: asks the host, within init, what can and what cannot be answered there. */
#include "fixture.h"

static flowport_status init(const flowport_host* host, void** state, const char** reason) {
  flowport_node_info info;
  flowport_str text;
  flowport_value value;
  (void)state;
  *reason = "the host of init is not as it should be";
  if (host->struct_size < sizeof(*host) || host->abi_major != FLOWPORT_ABI_MAJOR) return FLOWPORT_PLUGIN_BUG;
  if (host->node_info(NULL, &info) != FLOWPORT_BAD_CALL) return FLOWPORT_PLUGIN_BUG;
  if (host->node_input(NULL, 0, &value) != FLOWPORT_BAD_CALL) return FLOWPORT_PLUGIN_BUG;
  if (host->emit(NULL, NULL, &value) != FLOWPORT_BAD_CALL) return FLOWPORT_PLUGIN_BUG;
  if (host->bind_output(NULL, 0, 1) != FLOWPORT_BAD_CALL) return FLOWPORT_PLUGIN_BUG;
  if (host->opset(NULL, (flowport_str){"", 0}) != 0) return FLOWPORT_PLUGIN_BUG;
  if (host->option(NULL, (flowport_str){"no such option", 14}, &text) != FLOWPORT_DECLINED) return FLOWPORT_PLUGIN_BUG;
  if (host->interface_of((flowport_str){FLOWPORT_BODY_API, sizeof(FLOWPORT_BODY_API) - 1}) != NULL) {
    return FLOWPORT_PLUGIN_BUG;
  }
  return FLOWPORT_OK;
}

static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.init_asks", .init = init};
EXPORT(&kPlugin)
