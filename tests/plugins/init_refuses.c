/* Its init refuses, with a reason. */
#include "fixture.h"

static flowport_status init(const flowport_host* host, void** state, const char** reason) {
  (void)host;
  (void)state;
  *reason = "no licence for the moon";
  return FLOWPORT_UNSUPPORTED;
}

static const flowport_handler kHandlers[] = {HANDLER("MoonOp", 13, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.init_refuses", .handlers = TABLE(kHandlers),
                                        .init = init};
EXPORT(&kPlugin)
