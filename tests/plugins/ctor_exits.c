/* Fault: a static initialiser that ends the process. */
#include "fixture.h"

#include <stdlib.h>

__attribute__((constructor)) static void leave(void) { _Exit(0); }

static const flowport_handler kHandlers[] = {HANDLER("Op", 13, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.ctor_exits", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
