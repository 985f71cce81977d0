/* No fault: known from its manifest. init leaves a mark in the file that the option `log` names, when it runs. */
#include "fixture.h"

#include <flowport/manifest.h>

#include <stdio.h>
#include <stdlib.h>

static const flowport_handler kHandlers[] = {
    {.tf_op = "LazyOp", .opset_min = 13, .opset_max = 17, .convert = decline, .source = "lazy.c:9"},
    {.tf_op = "LazyOp", .id = "new", .opset_min = 18, .priority = -2, .const_inputs = 6, .convert = decline, .doc = "Declines."},
};

FLOWPORT_MANIFEST(FLOWPORT_MANIFEST_PLUGIN("fixture.lazy", "1.0.0", "Apache-2.0", "", "a fixture")
                      FLOWPORT_MANIFEST_HANDLER("LazyOp", "LazyOp", "", 13, 17, 0, 0, 0, "lazy.c:9", "")
                          FLOWPORT_MANIFEST_HANDLER("LazyOp", "new", "", 18, 0, -2, 0, 6, "", "Declines."))

static flowport_status init(const flowport_host* host, void** state, const char** reason) {
  (void)host;
  (void)state;
  (void)reason;
  const char* path = getenv("FLOWPORT_FIXTURE_LOG");
  FILE* log = path == NULL ? NULL : fopen(path, "a");
  if (log != NULL) {
    fputs("init\n", log);
    fclose(log);
  }
  return FLOWPORT_OK;
}

static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.lazy", .handlers = TABLE(kHandlers), .init = init};
EXPORT(&kPlugin)
