/* The layout of the plugin ABI 1.0, compiled as C11 (by the fixtures) and as C++20 (by the tests of the host). Plugins that were
 * built once rely on every line: none is ever changed or removed. A later minor adds lines, and may make structs larger. */
#ifndef FLOWPORT_TESTS_PLUGINS_ABI_LAYOUT_H
#define FLOWPORT_TESTS_PLUGINS_ABI_LAYOUT_H

#include <flowport/abi.h>

#ifdef __cplusplus
#define HOLDS(condition) static_assert(condition, #condition)
#else
#define HOLDS(condition) _Static_assert(condition, #condition)
#endif
#define SIZE(type, bytes) HOLDS(sizeof(type) >= (bytes))
#define OFFSET(type, member, bytes) HOLDS(offsetof(type, member) == (bytes))

/* clang-format off */

SIZE(flowport_str, 16);
OFFSET(flowport_str, data, 0);
OFFSET(flowport_str, size, 8);

SIZE(flowport_table, 16);
OFFSET(flowport_table, data, 0);
OFFSET(flowport_table, count, 8);
OFFSET(flowport_table, stride, 12);

SIZE(flowport_type, 24);
OFFSET(flowport_type, struct_size, 0);
OFFSET(flowport_type, dtype, 4);
OFFSET(flowport_type, rank, 8);
OFFSET(flowport_type, reserved, 12);
OFFSET(flowport_type, dims, 16);

SIZE(flowport_tensor, 40);
OFFSET(flowport_tensor, type, 0);
OFFSET(flowport_tensor, data, 24);
OFFSET(flowport_tensor, bytes, 32);

SIZE(flowport_item, 16);
OFFSET(flowport_item, value, 0);
OFFSET(flowport_item, known, 8);
OFFSET(flowport_item, symbol, 12);

SIZE(flowport_attr, 32);
OFFSET(flowport_attr, name, 0);
OFFSET(flowport_attr, kind, 16);
OFFSET(flowport_attr, count, 20);
OFFSET(flowport_attr, data, 24);

SIZE(flowport_node_info, 64);
OFFSET(flowport_node_info, struct_size, 0);
OFFSET(flowport_node_info, num_inputs, 4);
OFFSET(flowport_node_info, num_outputs, 8);
OFFSET(flowport_node_info, reserved, 12);
OFFSET(flowport_node_info, op, 16);
OFFSET(flowport_node_info, name, 32);
OFFSET(flowport_node_info, path, 48);

SIZE(flowport_op, 64);
OFFSET(flowport_op, struct_size, 0);
OFFSET(flowport_op, num_outputs, 4);
OFFSET(flowport_op, type, 8);
OFFSET(flowport_op, domain, 24);
OFFSET(flowport_op, inputs, 40);
OFFSET(flowport_op, attrs, 48);
OFFSET(flowport_op, num_inputs, 56);
OFFSET(flowport_op, num_attrs, 60);

SIZE(flowport_host, 144);
OFFSET(flowport_host, struct_size, 0);
OFFSET(flowport_host, abi_major, 4);
OFFSET(flowport_host, abi_minor, 6);
OFFSET(flowport_host, node_info, 8);
OFFSET(flowport_host, node_arity, 16);
OFFSET(flowport_host, node_input, 24);
OFFSET(flowport_host, node_output_type, 32);
OFFSET(flowport_host, node_attr, 40);
OFFSET(flowport_host, value_type, 48);
OFFSET(flowport_host, value_const, 56);
OFFSET(flowport_host, value_items, 64);
OFFSET(flowport_host, emit, 72);
OFFSET(flowport_host, constant, 80);
OFFSET(flowport_host, set_type, 88);
OFFSET(flowport_host, bind_output, 96);
OFFSET(flowport_host, opset, 104);
OFFSET(flowport_host, option, 112);
OFFSET(flowport_host, note, 120);
OFFSET(flowport_host, fail, 128);
OFFSET(flowport_host, interface_of, 136);

SIZE(flowport_body_api, 32);
OFFSET(flowport_body_api, struct_size, 0);
OFFSET(flowport_body_api, reserved, 4);
OFFSET(flowport_body_api, begin, 8);
OFFSET(flowport_body_api, input, 16);
OFFSET(flowport_body_api, end, 24);

SIZE(flowport_handler, 64);
OFFSET(flowport_handler, tf_op, 0);
OFFSET(flowport_handler, id, 8);
OFFSET(flowport_handler, domain, 16);
OFFSET(flowport_handler, opset_min, 24);
OFFSET(flowport_handler, opset_max, 26);
OFFSET(flowport_handler, priority, 28);
OFFSET(flowport_handler, flags, 30);
OFFSET(flowport_handler, const_inputs, 32);
OFFSET(flowport_handler, convert, 40);
OFFSET(flowport_handler, doc, 48);
OFFSET(flowport_handler, source, 56);

SIZE(flowport_domain_version, 16);
OFFSET(flowport_domain_version, domain, 0);
OFFSET(flowport_domain_version, version, 8);
OFFSET(flowport_domain_version, reserved, 12);

SIZE(flowport_denial, 48);
OFFSET(flowport_denial, domain, 0);
OFFSET(flowport_denial, op, 8);
OFFSET(flowport_denial, dtypes, 16);
OFFSET(flowport_denial, reason, 24);
OFFSET(flowport_denial, type_var, 32);
OFFSET(flowport_denial, opset_min, 40);
OFFSET(flowport_denial, opset_max, 42);
OFFSET(flowport_denial, reserved, 44);

SIZE(flowport_target, 88);
OFFSET(flowport_target, id, 0);
OFFSET(flowport_target, parent, 8);
OFFSET(flowport_target, ir_version, 16);
OFFSET(flowport_target, reserved, 20);
OFFSET(flowport_target, domains, 24);
OFFSET(flowport_target, denials, 40);
OFFSET(flowport_target, doc, 56);
OFFSET(flowport_target, allowed, 64);
OFFSET(flowport_target, max_rank, 80);
OFFSET(flowport_target, flags, 84);

SIZE(flowport_allowance, 40);
OFFSET(flowport_allowance, domain, 0);
OFFSET(flowport_allowance, op, 8);
OFFSET(flowport_allowance, dtypes, 16);
OFFSET(flowport_allowance, type_var, 24);
OFFSET(flowport_allowance, opset_min, 32);
OFFSET(flowport_allowance, opset_max, 34);
OFFSET(flowport_allowance, reserved, 36);

SIZE(flowport_schema_attr, 16);
OFFSET(flowport_schema_attr, name, 0);
OFFSET(flowport_schema_attr, kind, 8);
OFFSET(flowport_schema_attr, required, 12);

SIZE(flowport_schema, 72);
OFFSET(flowport_schema, domain, 0);
OFFSET(flowport_schema, op, 8);
OFFSET(flowport_schema, since_version, 16);
OFFSET(flowport_schema, min_inputs, 20);
OFFSET(flowport_schema, max_inputs, 24);
OFFSET(flowport_schema, min_outputs, 28);
OFFSET(flowport_schema, max_outputs, 32);
OFFSET(flowport_schema, reserved, 36);
OFFSET(flowport_schema, attrs, 40);
OFFSET(flowport_schema, library, 56);
OFFSET(flowport_schema, registration, 64);

SIZE(flowport_rewrite, 32);
OFFSET(flowport_rewrite, id, 0);
OFFSET(flowport_rewrite, phase, 8);
OFFSET(flowport_rewrite, pattern, 16);
OFFSET(flowport_rewrite, apply, 24);

SIZE(flowport_plugin, 136);
OFFSET(flowport_plugin, struct_size, 0);
OFFSET(flowport_plugin, abi_major, 4);
OFFSET(flowport_plugin, abi_minor, 6);
OFFSET(flowport_plugin, min_host_minor, 8);
OFFSET(flowport_plugin, flags, 10);
OFFSET(flowport_plugin, id, 16);
OFFSET(flowport_plugin, version, 24);
OFFSET(flowport_plugin, summary, 32);
OFFSET(flowport_plugin, license, 40);
OFFSET(flowport_plugin, url, 48);
OFFSET(flowport_plugin, handlers, 56);
OFFSET(flowport_plugin, targets, 72);
OFFSET(flowport_plugin, schemas, 88);
OFFSET(flowport_plugin, rewrites, 104);
OFFSET(flowport_plugin, init, 120);
OFFSET(flowport_plugin, shutdown, 128);
/* clang-format on */

HOLDS(FLOWPORT_ABI_MAJOR == 1);
HOLDS(FLOWPORT_OK == 0 && FLOWPORT_DECLINED == 1 && FLOWPORT_UNSUPPORTED == 2 && FLOWPORT_BAD_MODEL == 3);
HOLDS(FLOWPORT_BAD_CALL == 4 && FLOWPORT_NO_MEMORY == 5 && FLOWPORT_PLUGIN_BUG == 6);
HOLDS(FLOWPORT_ATTR_NONE == 0 && FLOWPORT_ATTR_INT == 1 && FLOWPORT_ATTR_FLOAT == 2 && FLOWPORT_ATTR_STRING == 3);
HOLDS(FLOWPORT_ATTR_INTS == 4 && FLOWPORT_ATTR_FLOATS == 5 && FLOWPORT_ATTR_STRINGS == 6 && FLOWPORT_ATTR_TENSOR == 7);
HOLDS(FLOWPORT_ATTR_TYPE == 8 && FLOWPORT_ATTR_SHAPE == 9 && FLOWPORT_ATTR_BODY == 10);

#undef OFFSET
#undef SIZE
#undef HOLDS

#endif
