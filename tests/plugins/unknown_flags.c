/* Sets a flag that this host does not know. */
#include "fixture.h"

static const flowport_plugin kPlugin = {ABI, TEXTS, .flags = 4, .id = "fixture.unknown_flags"};
EXPORT(&kPlugin)
