/* Fault: a static initialiser that crashes. */
#include "fixture.h"

#include <stdlib.h>

__attribute__((constructor)) static void crash(void) { abort(); }

static const flowport_handler kHandlers[] = {HANDLER("Op", 13, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.ctor_crash", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
