/* A schema for an op of ai.onnx. */
#include "fixture.h"

static const flowport_schema kSchemas[] = {
    {.domain = "ai.onnx", .op = "Blur", .since_version = 1, .min_outputs = 1, .max_outputs = 1}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.custom_op_in_default_domain",
                                        .schemas = TABLE(kSchemas)};
EXPORT(&kPlugin)
