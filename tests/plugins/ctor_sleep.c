/* Fault: a static initialiser that never returns. */
#include "fixture.h"

#include <unistd.h>

__attribute__((constructor)) static void wait_for_ever(void) {
  for (;;) pause();
}

static const flowport_handler kHandlers[] = {HANDLER("Op", 13, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.ctor_sleep", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
