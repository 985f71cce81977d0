/* A descriptor of another major behind the entry of this one. */
#include "fixture.h"

static const flowport_plugin kPlugin = {
    .struct_size = sizeof(flowport_plugin), .abi_major = FLOWPORT_ABI_MAJOR + 1, TEXTS, .id = "fixture.wrong_major"};
EXPORT(&kPlugin)
