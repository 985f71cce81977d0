/* Fault: a number of the manifest is none. */
#include "fixture.h"

#include <flowport/manifest.h>

static const flowport_handler kHandlers[] = {HANDLER("Op", 13, 0)};

FLOWPORT_MANIFEST(FLOWPORT_MANIFEST_PLUGIN("fixture.manifest_unreadable", "1.0.0", "Apache-2.0", "", "a fixture")
                      FLOWPORT_MANIFEST_HANDLER("Op", "Op", "", thirteen, 0, 0, 0, 0, "", ""))

static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.manifest_unreadable", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
