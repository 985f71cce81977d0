/* Its rows overlap, so that it is refused before its init, which ends the process, may run. */
#include "fixture.h"

#include <stdlib.h>

static flowport_status init(const flowport_host* host, void** state, const char** reason) {
  (void)host;
  (void)state;
  (void)reason;
  abort();
  return FLOWPORT_OK;
}

static const flowport_handler kHandlers[] = {HANDLER("Op", 13, 0), HANDLER("Op", 18, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.init_aborts", .handlers = TABLE(kHandlers), .init = init};
EXPORT(&kPlugin)
