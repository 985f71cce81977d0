/* No fault: one row, and an id that the build gives. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {HANDLER("FixtureOp", 13, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = FIXTURE_ID, .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
