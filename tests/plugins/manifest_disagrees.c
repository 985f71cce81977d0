/* Fault: the manifest has a row that the tables do not have, and lacks one of theirs. */
#include "fixture.h"

#include <flowport/manifest.h>

static const flowport_handler kHandlers[] = {HANDLER("Op", 13, 0), HANDLER("OnlyInTables", 13, 0)};

FLOWPORT_MANIFEST(FLOWPORT_MANIFEST_PLUGIN("fixture.manifest_disagrees", "1.0.0", "Apache-2.0", "", "a fixture")
                      FLOWPORT_MANIFEST_HANDLER("Op", "Op", "", 13, 0, 0, 0, 0, "", "")
                          FLOWPORT_MANIFEST_HANDLER("OnlyInManifest", "OnlyInManifest", "", 13, 0, 0, 0, 0, "", ""))

static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.manifest_disagrees", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
