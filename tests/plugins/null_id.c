/* No id. */
#include "fixture.h"

static const flowport_plugin kPlugin = {ABI, TEXTS};
EXPORT(&kPlugin)
