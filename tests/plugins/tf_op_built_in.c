/* Declares an op that TensorFlow has. */
#include "fixture.h"

static const flowport_tf_op kOps[] = {{.op = "Relu", .inputs = "features: float", .outputs = "activations: float"}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.tf_op_built_in", .tf_ops = TABLE(kOps)};
EXPORT(&kPlugin)
