/* A schema that asks for more inputs than it allows. */
#include "fixture.h"

static const flowport_schema kSchemas[] = {{.domain = "com.example",
                                            .op = "Blur",
                                            .since_version = 1,
                                            .min_inputs = 2,
                                            .max_inputs = 1,
                                            .min_outputs = 1,
                                            .max_outputs = 1}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.schema_min_above_max", .schemas = TABLE(kSchemas)};
EXPORT(&kPlugin)
