/* Its init refuses and gives no reason. */
#include "fixture.h"

static flowport_status init(const flowport_host* host, void** state, const char** reason) {
  (void)host;
  (void)state;
  (void)reason;
  return -3;
}

static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.init_silent", .init = init};
EXPORT(&kPlugin)
