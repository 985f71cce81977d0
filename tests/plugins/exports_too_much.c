/* Exports a symbol beside its entry. */
#include "fixture.h"

__attribute__((visibility("default"))) int flowport_fixture_helper(void);
int flowport_fixture_helper(void) { return 1; }

static const flowport_handler kHandlers[] = {HANDLER("FixtureOp", 13, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.exports_too_much", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
