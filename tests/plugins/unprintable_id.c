/* An id that would disturb a terminal. */
#include "fixture.h"

static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.\033[2J"};
EXPORT(&kPlugin)
