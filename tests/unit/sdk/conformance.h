// What abi.h says of a host, as handlers that look: run in the core and in FakeHost, so that the two cannot drift.
//
// The node is Split(split_dim: int32 1, value: float [2, 4]) with num_split 2, and an attribute of each kind. The graph says of its
// outputs that the first is [2, ?].
#pragma once

#include <flowport/abi.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace conformance {

/// What a check saw that is not as abi.h says.
inline std::vector<std::string>& complaints() {
  static std::vector<std::string> all;
  return all;
}
inline void require(bool holds, const char* what) {
  if (!holds) complaints().emplace_back(what);
}
#define REQUIRE(condition) ::conformance::require((condition), #condition)

using Host = const flowport_host*;
using Node = flowport_node*;

inline flowport_str str(std::string_view s) { return {s.data(), s.size()}; }
inline std::string_view view(flowport_str s) { return {s.data, s.size}; }
inline flowport_value input(Host host, Node node, std::uint32_t i) {
  flowport_value value = 0;
  REQUIRE(host->node_input(node, i, &value) == FLOWPORT_OK);
  return value;
}
inline flowport_type type_of(Host host, Node node, flowport_value value) {
  flowport_type type{};
  type.struct_size = sizeof(type);
  REQUIRE(host->value_type(node, value, &type) == FLOWPORT_OK);
  return type;
}
inline flowport_attr attr(Host host, Node node, std::string_view name) {
  flowport_attr found{};
  REQUIRE(host->node_attr(node, str(name), &found) == FLOWPORT_OK);
  return found;
}
inline flowport_status emit(Host host, Node node, std::string_view op, const std::vector<flowport_value>& inputs,
                            flowport_value* outputs, std::uint32_t num_outputs = 1,
                            const std::vector<flowport_attr>& attrs = {}, std::string_view domain = {}) {
  flowport_op spec{};
  spec.struct_size = sizeof(spec);
  spec.num_outputs = num_outputs;
  spec.type = str(op);
  spec.domain = str(domain);
  spec.inputs = inputs.data();
  spec.attrs = attrs.data();
  spec.num_inputs = static_cast<std::uint32_t>(inputs.size());
  spec.num_attrs = static_cast<std::uint32_t>(attrs.size());
  return host->emit(node, &spec, outputs);
}
/// Binds both outputs to something of the right type.
inline flowport_status finish(Host host, Node node) {
  flowport_value out = 0;
  REQUIRE(emit(host, node, "Neg", {input(host, node, 1)}, &out) == FLOWPORT_OK);
  REQUIRE(host->bind_output(node, 0, out) == FLOWPORT_OK);
  REQUIRE(host->bind_output(node, 1, out) == FLOWPORT_OK);
  return FLOWPORT_OK;
}

inline flowport_status reads(Host host, Node node, void*) {
  REQUIRE(host->struct_size >= 144 && host->abi_major == FLOWPORT_ABI_MAJOR);
  flowport_node_info info{};
  info.struct_size = sizeof(info);
  REQUIRE(host->node_info(node, &info) == FLOWPORT_OK);
  REQUIRE(view(info.op) == "Split" && view(info.name) == "split" && view(info.path).empty());
  REQUIRE(info.num_inputs == 2 && info.num_outputs == 2 && info.reserved == 0);
  std::uint32_t first = 9, count = 9;
  REQUIRE(host->node_arity(node, str("value"), &first, &count) == FLOWPORT_OK && first == 1 && count == 1);
  flowport_type type{};
  type.struct_size = sizeof(type);
  REQUIRE(host->node_output_type(node, 1, &type) == FLOWPORT_OK && type.dtype == FLOWPORT_FLOAT && type.rank == -1);
  REQUIRE(host->node_output_type(node, 0, &type) == FLOWPORT_OK && type.dtype == FLOWPORT_FLOAT);
  REQUIRE(type.rank == 2 && type.dims[0] == 2 && type.dims[1] == -1);
  const flowport_type x = type_of(host, node, input(host, node, 1));
  REQUIRE(x.dtype == FLOWPORT_FLOAT && x.rank == 2 && x.dims[0] == 2 && x.dims[1] == 4 && x.reserved == 0);
  REQUIRE(host->opset(node, str("")) == 21 && host->opset(node, str("ai.onnx")) == 21);
  REQUIRE(host->opset(node, str("org.nowhere")) == 0);
  flowport_str option{};
  REQUIRE(host->option(node, str("style"), &option) == FLOWPORT_OK && view(option) == "bold");
  REQUIRE(host->option(node, str("absent"), &option) == FLOWPORT_DECLINED);
  REQUIRE(host->interface_of(str("org.nowhere/1")) == nullptr);
  REQUIRE(host->interface_of(str(FLOWPORT_BODY_API)) != nullptr);
  REQUIRE(host->interface_of(str(FLOWPORT_PRODUCER_API)) != nullptr);
  return finish(host, node);
}

inline flowport_status reads_attributes(Host host, Node node, void*) {
  const flowport_attr i = attr(host, node, "num_split");
  REQUIRE(i.kind == FLOWPORT_ATTR_INT && i.count == 1 && *static_cast<const std::int64_t*>(i.data) == 2);
  const flowport_attr f = attr(host, node, "_float");
  REQUIRE(f.kind == FLOWPORT_ATTR_FLOAT && f.count == 1 && *static_cast<const float*>(f.data) == 0.5F);
  const flowport_attr s = attr(host, node, "_string");
  REQUIRE(s.kind == FLOWPORT_ATTR_STRING && s.count == 1 && view(*static_cast<const flowport_str*>(s.data)) == "text");
  const flowport_attr b = attr(host, node, "_bool");
  REQUIRE(b.kind == FLOWPORT_ATTR_INT && *static_cast<const std::int64_t*>(b.data) == 1);
  const flowport_attr ints = attr(host, node, "_ints");
  REQUIRE(ints.kind == FLOWPORT_ATTR_INTS && ints.count == 2 && static_cast<const std::int64_t*>(ints.data)[1] == 4);
  const flowport_attr floats = attr(host, node, "_floats");
  REQUIRE(floats.kind == FLOWPORT_ATTR_FLOATS && floats.count == 1);
  const flowport_attr strings = attr(host, node, "_strings");
  REQUIRE(strings.kind == FLOWPORT_ATTR_STRINGS && strings.count == 2 &&
          view(static_cast<const flowport_str*>(strings.data)[1]) == "b");
  const flowport_attr type = attr(host, node, "T");
  REQUIRE(type.kind == FLOWPORT_ATTR_TYPE && type.count == 1 &&
          *static_cast<const std::int32_t*>(type.data) == FLOWPORT_FLOAT);
  const flowport_attr shape = attr(host, node, "_shape");
  REQUIRE(shape.kind == FLOWPORT_ATTR_SHAPE && shape.count == 1);
  const auto* dims = static_cast<const flowport_type*>(shape.data);
  REQUIRE(dims->dtype == FLOWPORT_UNDEFINED && dims->rank == 2 && dims->dims[0] == 3 && dims->dims[1] == -1);
  const flowport_attr function = attr(host, node, "_func");
  REQUIRE(function.kind == FLOWPORT_ATTR_STRING && view(*static_cast<const flowport_str*>(function.data)) == "callee");
  const flowport_attr empty = attr(host, node, "_empty");
  REQUIRE(empty.kind == FLOWPORT_ATTR_INTS && empty.count == 0);
  const flowport_attr absent = attr(host, node, "absent");
  REQUIRE(absent.kind == FLOWPORT_ATTR_NONE);
  return finish(host, node);
}

inline flowport_status reads_content(Host host, Node node, void*) {
  flowport_tensor known{};
  REQUIRE(host->value_const(node, input(host, node, 0), &known) == FLOWPORT_OK);
  REQUIRE(known.data != nullptr && known.bytes == 4 && *static_cast<const std::int32_t*>(known.data) == 1);
  REQUIRE(known.type.dtype == FLOWPORT_INT32 && known.type.rank == 0);
  flowport_tensor unknown{};
  REQUIRE(host->value_const(node, input(host, node, 1), &unknown) == FLOWPORT_OK && unknown.data == nullptr);
  const flowport_item* items = nullptr;
  std::uint32_t count = 9;
  REQUIRE(host->value_items(node, input(host, node, 0), &items, &count) == FLOWPORT_OK);
  REQUIRE(count == 1 && items[0].known == 1 && items[0].value == 1);
  REQUIRE(host->value_items(node, input(host, node, 1), &items, &count) == FLOWPORT_OK && count == 0 &&
          items == nullptr);
  const std::int64_t dim = 0;
  flowport_tensor empty{{sizeof(flowport_type), FLOWPORT_FLOAT, 1, 0, &dim}, nullptr, 0};
  flowport_value value = 0;
  REQUIRE(host->constant(node, &empty, &value) == FLOWPORT_OK);
  REQUIRE(host->value_const(node, value, &empty) == FLOWPORT_OK && empty.data != nullptr && empty.bytes == 0);
  flowport_value shape = 0;
  REQUIRE(emit(host, node, "Shape", {input(host, node, 1)}, &shape) == FLOWPORT_OK);
  REQUIRE(host->value_const(node, shape, &known) == FLOWPORT_OK && known.data != nullptr && known.bytes == 16);
  return finish(host, node);
}

inline flowport_status contradicts_a_type(Host host, Node node, void*) {
  const std::int64_t dims[] = {2, 5};
  const flowport_type type{sizeof(type), FLOWPORT_FLOAT, 2, 0, dims};
  return host->set_type(node, input(host, node, 1), &type);
}
inline flowport_status builds_a_body(Host host, Node node, void*) {
  const auto* api = static_cast<const flowport_body_api*>(host->interface_of(str(FLOWPORT_BODY_API)));
  const flowport_value x = input(host, node, 1);
  flowport_body bodies[2] = {};
  for (auto& body : bodies) {
    flowport_value inner = 0;
    REQUIRE(api->begin(node, &body) == FLOWPORT_OK);
    REQUIRE(emit(host, node, "Relu", {x}, &inner) == FLOWPORT_OK);
    REQUIRE(api->end(node, body, &inner, 1) == FLOWPORT_OK);
  }
  const std::uint8_t yes = 1;
  flowport_tensor condition{{sizeof(flowport_type), FLOWPORT_BOOL, 0, 0, nullptr}, &yes, 1};
  flowport_value known = 0, out = 0;
  REQUIRE(host->constant(node, &condition, &known) == FLOWPORT_OK);
  const std::vector<flowport_attr> attrs{{str("then_branch"), FLOWPORT_ATTR_BODY, 1, &bodies[0]},
                                         {str("else_branch"), FLOWPORT_ATTR_BODY, 1, &bodies[1]}};
  REQUIRE(emit(host, node, "If", {known}, &out, 1, attrs) == FLOWPORT_OK);
  REQUIRE(type_of(host, node, out).dtype == FLOWPORT_FLOAT);
  return finish(host, node);
}
inline flowport_status leaves_a_body_open(Host host, Node node, void*) {
  const auto* api = static_cast<const flowport_body_api*>(host->interface_of(str(FLOWPORT_BODY_API)));
  flowport_body body = 0;
  REQUIRE(api->begin(node, &body) == FLOWPORT_OK);
  return finish(host, node);
}
inline flowport_status closes_a_body_that_is_not_open(Host host, Node node, void*) {
  const auto* api = static_cast<const flowport_body_api*>(host->interface_of(str(FLOWPORT_BODY_API)));
  return api->end(node, 1, nullptr, 0);
}
inline flowport_status asks_for_a_body_input_outside(Host host, Node node, void*) {
  const auto* api = static_cast<const flowport_body_api*>(host->interface_of(str(FLOWPORT_BODY_API)));
  const flowport_type type{sizeof(type), FLOWPORT_FLOAT, -1, 0, nullptr};
  flowport_value value = 0;
  return api->input(node, &type, &value);
}
inline flowport_status asks_for_the_maker_of_an_input(Host host, Node node, void*) {
  const auto* api = static_cast<const flowport_producer_api*>(host->interface_of(str(FLOWPORT_PRODUCER_API)));
  auto* maker = node;
  REQUIRE(api->producer_of(node, input(host, node, 1), &maker) == FLOWPORT_DECLINED && maker == nullptr);
  return finish(host, node);
}

inline flowport_status asks_for_an_argument_that_is_not(Host host, Node node, void*) {
  std::uint32_t first = 0, count = 0;
  REQUIRE(host->node_arity(node, str("nope"), &first, &count) == FLOWPORT_DECLINED);
  return finish(host, node);
}
inline flowport_status gives_back_that_an_argument_is_not(Host host, Node node, void*) {
  std::uint32_t first = 0, count = 0;
  return host->node_arity(node, str("nope"), &first, &count);
}
inline flowport_status asks_for_input_2(Host host, Node node, void*) {
  flowport_value value = 0;
  return host->node_input(node, 2, &value);
}
inline flowport_status asks_for_output_2(Host host, Node node, void*) {
  flowport_type type{};
  return host->node_output_type(node, 2, &type);
}
inline flowport_status uses_a_foreign_value(Host host, Node node, void*) {
  flowport_type type{};
  return host->value_type(node, 12345, &type);
}
/// Keeps a value from one call to the next.
inline flowport_status uses_a_stale_value(Host host, Node node, void* state) {
  auto* kept = static_cast<flowport_value*>(state);
  if (*kept != 0) return host->bind_output(node, 0, *kept);
  *kept = input(host, node, 1);
  return finish(host, node);
}
inline flowport_status emits(Host host, Node node, std::string_view op, std::uint32_t num_inputs,
                             const std::vector<flowport_attr>& attrs = {}, std::uint32_t num_outputs = 1,
                             std::string_view domain = {}) {
  std::vector<flowport_value> inputs(num_inputs, input(host, node, 1));
  std::vector<flowport_value> outputs(num_outputs);
  return emit(host, node, op, inputs, outputs.data(), num_outputs, attrs, domain);
}
inline flowport_status emits_an_unknown_op(Host host, Node node, void*) { return emits(host, node, "Nope", 1); }
inline flowport_status emits_an_op_of_a_later_opset(Host host, Node node, void*) {
  return emits(host, node, "Swish", 1);
}
inline flowport_status emits_too_few_inputs(Host host, Node node, void*) { return emits(host, node, "Add", 1); }
inline flowport_status emits_too_many_inputs(Host host, Node node, void*) { return emits(host, node, "Neg", 2); }
inline flowport_status emits_too_many_outputs(Host host, Node node, void*) {
  return emits(host, node, "Neg", 1, {}, 2);
}
inline flowport_status omits_a_needed_input(Host host, Node node, void*) {
  flowport_value out = 0;
  return emit(host, node, "Add", {0, input(host, node, 1)}, &out);
}
inline flowport_status emits_an_unknown_attribute(Host host, Node node, void*) {
  const std::int64_t one = 1;
  return emits(host, node, "Neg", 1, {{str("axis"), FLOWPORT_ATTR_INT, 1, &one}});
}
inline flowport_status emits_an_attribute_of_another_kind(Host host, Node node, void*) {
  const float one = 1;
  return emits(host, node, "Softmax", 1, {{str("axis"), FLOWPORT_ATTR_FLOAT, 1, &one}});
}
inline flowport_status emits_an_attribute_that_is_read_only(Host host, Node node, void*) {
  const std::int32_t one = 1;
  return emits(host, node, "Cast", 1, {{str("to"), FLOWPORT_ATTR_TYPE, 1, &one}});
}
inline flowport_status omits_a_needed_attribute(Host host, Node node, void*) { return emits(host, node, "Cast", 1); }
inline flowport_status emits_a_body_that_is_not(Host host, Node node, void*) {
  const flowport_body body = 7;
  return emits(host, node, "If", 1, {{str("then_branch"), FLOWPORT_ATTR_BODY, 1, &body}});
}
inline flowport_status emits_a_wrong_type(Host host, Node node, void*) { return emits(host, node, "Not", 1); }
inline flowport_status emits_a_type_that_is_widened(Host host, Node node, void*) {
  flowport_value big = 0, root = 0;
  const std::int64_t to = FLOWPORT_INT32;
  REQUIRE(emit(host, node, "Cast", {input(host, node, 1)}, &big, 1, {{str("to"), FLOWPORT_ATTR_INT, 1, &to}}) ==
          FLOWPORT_OK);
  REQUIRE(emit(host, node, "Sqrt", {big}, &root) == FLOWPORT_OK);
  REQUIRE(type_of(host, node, root).dtype == FLOWPORT_INT32);
  return finish(host, node);
}
inline flowport_status emits_a_type_that_is_fixed(Host host, Node node, void*) {
  return emits(host, node, "Unsqueeze", 2);
}
inline flowport_status mixes_types(Host host, Node node, void*) {
  flowport_value out = 0;
  return emit(host, node, "Add", {input(host, node, 0), input(host, node, 1)}, &out);
}
inline flowport_status emits_an_op_without_schema(Host host, Node node, void*) {
  return emits(host, node, "Blur", 1, {}, 1, "com.example");
}
inline flowport_status gives_a_short_constant(Host host, Node node, void*) {
  const std::int64_t dim = 4;
  const float data[3] = {};
  const flowport_tensor tensor{{sizeof(flowport_type), FLOWPORT_FLOAT, 1, 0, &dim}, data, sizeof(data)};
  flowport_value value = 0;
  return host->constant(node, &tensor, &value);
}
inline flowport_status gives_a_constant_of_no_type(Host host, Node node, void*) {
  const flowport_tensor tensor{{sizeof(flowport_type), 99, 0, 0, nullptr}, &tensor, 4};
  flowport_value value = 0;
  return host->constant(node, &tensor, &value);
}
inline flowport_status gives_a_constant_of_unknown_rank(Host host, Node node, void*) {
  const flowport_tensor tensor{{sizeof(flowport_type), FLOWPORT_FLOAT, -1, 0, nullptr}, &tensor, 4};
  flowport_value value = 0;
  return host->constant(node, &tensor, &value);
}
inline flowport_status binds_twice(Host host, Node node, void*) {
  finish(host, node);
  return host->bind_output(node, 0, input(host, node, 1));
}
inline flowport_status binds_output_2(Host host, Node node, void*) {
  return host->bind_output(node, 2, input(host, node, 1));
}
inline flowport_status binds_another_type(Host host, Node node, void*) {
  REQUIRE(host->bind_output(node, 0, input(host, node, 0)) == FLOWPORT_OK);
  REQUIRE(host->bind_output(node, 1, input(host, node, 0)) == FLOWPORT_OK);
  return FLOWPORT_OK;
}
inline flowport_status binds_nothing(Host, Node, void*) { return FLOWPORT_OK; }
inline flowport_status hides_a_failure(Host host, Node node, void*) {
  flowport_value value = 0;
  REQUIRE(host->node_input(node, 2, &value) == FLOWPORT_BAD_CALL);
  return finish(host, node);
}
inline flowport_status returns_99(Host, Node, void*) { return 99; }
inline flowport_status returns_minus_1(Host, Node, void*) { return -1; }
inline flowport_status gives_no_reason(Host, Node, void*) { return FLOWPORT_UNSUPPORTED; }
inline flowport_status fails_twice(Host host, Node node, void*) {
  char text[] = "the first reason";
  REQUIRE(host->fail(node, FLOWPORT_UNSUPPORTED, str(text), str("a hint")) == FLOWPORT_UNSUPPORTED);
  std::memset(text, '#', sizeof(text) - 1);  // texts are copied
  return host->fail(node, FLOWPORT_UNSUPPORTED, str("the second reason"), str(""));
}
inline flowport_status declines(Host host, Node node, void*) {
  return host->fail(node, FLOWPORT_DECLINED, str("not for me"), str(""));
}
inline flowport_status finds_a_broken_model(Host host, Node node, void*) {
  return host->fail(node, FLOWPORT_BAD_MODEL, str("broken"), str(""));
}

struct Check {
  const char* name;
  flowport_status (*convert)(Host, Node, void*);
  flowport_status status;
  const char* reason = "";  ///< a part of it
};
#define CHECK(function, ...) \
  { #function, function, __VA_ARGS__ }

inline constexpr Check kChecks[] = {
    CHECK(reads, FLOWPORT_OK),
    CHECK(reads_attributes, FLOWPORT_OK),
    CHECK(reads_content, FLOWPORT_OK),
    CHECK(builds_a_body, FLOWPORT_OK),
    CHECK(asks_for_the_maker_of_an_input, FLOWPORT_OK),
    CHECK(contradicts_a_type, FLOWPORT_BAD_CALL, "set_type contradicts"),
    CHECK(leaves_a_body_open, FLOWPORT_PLUGIN_BUG, "left a body open"),
    CHECK(closes_a_body_that_is_not_open, FLOWPORT_BAD_CALL, "is not the innermost open body"),
    CHECK(asks_for_a_body_input_outside, FLOWPORT_BAD_CALL, "body input without an open body"),
    CHECK(asks_for_an_argument_that_is_not, FLOWPORT_OK),
    CHECK(gives_back_that_an_argument_is_not, FLOWPORT_DECLINED, "has no argument 'nope'"),
    CHECK(asks_for_input_2, FLOWPORT_BAD_CALL, "input 2 was asked for; the node has 2"),
    CHECK(asks_for_output_2, FLOWPORT_BAD_CALL, "output 2 was asked for; the node has 2"),
    CHECK(uses_a_foreign_value, FLOWPORT_BAD_CALL, "which this call does not have"),
    CHECK(uses_a_stale_value, FLOWPORT_BAD_CALL, "which this call does not have"),
    CHECK(emits_an_unknown_op, FLOWPORT_BAD_CALL, "has no op Nope"),
    CHECK(emits_an_op_of_a_later_opset, FLOWPORT_BAD_CALL, "Swish"),
    CHECK(emits_too_few_inputs, FLOWPORT_BAD_CALL, "Add has 1 inputs"),
    CHECK(emits_too_many_inputs, FLOWPORT_BAD_CALL, "Neg has 2 inputs"),
    CHECK(emits_too_many_outputs, FLOWPORT_BAD_CALL, "Neg has 2 outputs"),
    CHECK(omits_a_needed_input, FLOWPORT_BAD_CALL, "input 0 of Add is missing"),
    CHECK(emits_an_unknown_attribute, FLOWPORT_BAD_CALL, "Neg has no attribute axis"),
    CHECK(emits_an_attribute_of_another_kind, FLOWPORT_BAD_CALL, "axis"),
    CHECK(emits_an_attribute_that_is_read_only, FLOWPORT_BAD_CALL, "has kind 8, which cannot be emitted"),
    CHECK(omits_a_needed_attribute, FLOWPORT_BAD_CALL, "to"),
    CHECK(emits_a_body_that_is_not, FLOWPORT_BAD_CALL, "there is no body 7"),
    CHECK(emits_a_wrong_type, FLOWPORT_UNSUPPORTED, "Not takes no float"),
    CHECK(emits_a_type_that_is_widened, FLOWPORT_OK),
    CHECK(emits_a_type_that_is_fixed, FLOWPORT_BAD_CALL, "input 1 of Unsqueeze is float"),
    CHECK(mixes_types, FLOWPORT_BAD_CALL, "input 1 of Add is float, but must be int32"),
    CHECK(emits_an_op_without_schema, FLOWPORT_BAD_CALL, "no schema for com.example::Blur"),
    CHECK(gives_a_short_constant, FLOWPORT_BAD_CALL, "a constant has 12 bytes, its type needs 16"),
    CHECK(gives_a_constant_of_no_type, FLOWPORT_BAD_CALL, "unknown element type 99"),
    CHECK(gives_a_constant_of_unknown_rank, FLOWPORT_BAD_CALL, "a constant needs a known rank"),
    CHECK(binds_twice, FLOWPORT_BAD_CALL, "output 0 was bound twice"),
    CHECK(binds_output_2, FLOWPORT_BAD_CALL, "output 2 was bound; the node has 2"),
    CHECK(binds_another_type, FLOWPORT_PLUGIN_BUG, "output 0 was bound to a int32 tensor, TensorFlow has float"),
    CHECK(binds_nothing, FLOWPORT_PLUGIN_BUG, "returned OK without binding an output"),
    CHECK(hides_a_failure, FLOWPORT_PLUGIN_BUG, "returned OK after a failure"),
    CHECK(returns_99, FLOWPORT_PLUGIN_BUG, "returned the unknown status 99"),
    CHECK(returns_minus_1, FLOWPORT_PLUGIN_BUG, "returned the unknown status -1"),
    CHECK(gives_no_reason, FLOWPORT_UNSUPPORTED, "gave no reason"),
    CHECK(fails_twice, FLOWPORT_UNSUPPORTED, "the first reason"),
    CHECK(declines, FLOWPORT_DECLINED, "not for me"),
    CHECK(finds_a_broken_model, FLOWPORT_BAD_MODEL, "broken"),
};

#undef CHECK
#undef REQUIRE

}  // namespace conformance
