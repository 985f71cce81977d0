/* No fault: built with the header of a later minor, whose descriptor and rows have grown, and content with an old host. */
#include "fixture.h"

typedef struct {
  flowport_handler old;
  uint64_t added;
} newer_handler;
typedef struct {
  flowport_plugin old;
  flowport_table added;
} newer_plugin;

static const newer_handler kHandlers[] = {{HANDLER("NewerOp", 13, 0), ~0ull}, {HANDLER("NewestOp", 21, 0), ~0ull}};
static const newer_plugin kPlugin = {{.struct_size = sizeof(newer_plugin),
                                      .abi_major = FLOWPORT_ABI_MAJOR,
                                      .abi_minor = FLOWPORT_ABI_MINOR + 7,
                                      TEXTS,
                                      .id = "fixture.newer_minor",
                                      .handlers = TABLE(kHandlers)},
                                     {NULL, ~0u, ~0u}};
EXPORT(&kPlugin.old)
