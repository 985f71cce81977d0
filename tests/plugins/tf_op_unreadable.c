/* Declares an op whose output has the type of an attribute that it does not declare. */
#include "fixture.h"

static const flowport_tf_op kOps[] = {
    {.op = "Cube", .inputs = "x: T", .outputs = "y: S", .attrs = "T: {float, double}"}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.tf_op_unreadable", .tf_ops = TABLE(kOps)};
EXPORT(&kPlugin)
