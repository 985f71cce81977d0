/* Its init fails by way of the host, with a hint. */
#include "fixture.h"

static flowport_status init(const flowport_host* host, void** state, const char** reason) {
  (void)state;
  (void)reason;
  return host->fail(NULL, FLOWPORT_BAD_CALL, (flowport_str){"vocabulary missing", 18},
                    (flowport_str){"set the option `vocab`", 22});
}

static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.init_fails", .init = init};
EXPORT(&kPlugin)
