/* Two rows that both take opset 18. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {HANDLER("Op", 13, 18), HANDLER("Op", 18, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.overlapping_range", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
