/* A schema with an attribute of a kind that ONNX nodes do not have. */
#include "fixture.h"

static const flowport_schema_attr kAttrs[] = {{"shape", FLOWPORT_ATTR_SHAPE, 0}};
static const flowport_schema kSchemas[] = {{.domain = "com.example",
                                            .op = "Blur",
                                            .since_version = 1,
                                            .min_outputs = 1,
                                            .max_outputs = 1,
                                            .attrs = TABLE(kAttrs)}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.schema_attr_kind", .schemas = TABLE(kSchemas)};
EXPORT(&kPlugin)
