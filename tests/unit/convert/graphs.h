// Small GraphDefs as text.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowport::convert {

/// Name and text of attributes: {"T", "type: DT_FLOAT"}.
using Attrs = std::initializer_list<std::pair<std::string_view, std::string>>;

inline const std::string kFloat = "type: DT_FLOAT";
inline const std::string kInt32 = "type: DT_INT32";
inline const std::string kBool = "type: DT_BOOL";
inline const std::string kFloats = "list { type: DT_FLOAT }";

inline std::string node(const std::string& name, const std::string& op, const std::vector<std::string>& inputs = {},
                        Attrs attrs = {}) {
  std::string text = "node { name: \"" + name + "\" op: \"" + op + "\"";
  for (const auto& input : inputs) text += " input: \"" + input + "\"";
  for (const auto& [key, value] : attrs) text += " attr { key: \"" + std::string(key) + "\" value { " + value + " } }";
  return text + " }\n";
}

/// "shape { ... }"; negative dims are unknown.
inline std::string shape(const std::vector<int>& dims) {
  std::string text = "shape {";
  for (const int dim : dims) text += " dim { size: " + std::to_string(dim) + " }";
  return text + " }";
}

inline std::string placeholder(const std::string& name, const std::vector<int>& dims = {-1, 4},
                               const std::string& type = kFloat) {
  return node(name, "Placeholder", {}, {{"dtype", type}, {"shape", shape(dims)}});
}

inline std::string float_const(const std::string& name, const std::string& value) {
  return node(name, "Const", {},
              {{"dtype", kFloat}, {"value", "tensor { dtype: DT_FLOAT tensor_shape { } float_val: " + value + " }"}});
}

inline std::string int_const(const std::string& name, int value) {
  return node(name, "Const", {},
              {{"dtype", kInt32},
               {"value", "tensor { dtype: DT_INT32 tensor_shape { } int_val: " + std::to_string(value) + " }"}});
}

inline std::string ints_const(const std::string& name, const std::vector<int>& values) {
  std::string text = "tensor { dtype: DT_INT32 tensor_shape { dim { size: " + std::to_string(values.size()) + " } }";
  for (const int value : values) text += " int_val: " + std::to_string(value);
  return node(name, "Const", {}, {{"dtype", kInt32}, {"value", text + " }"}});
}

inline std::string bool_const(const std::string& name, bool value) {
  return node(name, "Const", {},
              {{"dtype", kBool},
               {"value", std::string("tensor { dtype: DT_BOOL tensor_shape { } bool_val: ") +
                             (value ? "true" : "false") + " }"}});
}

inline std::string unary(const std::string& name, const std::string& op, const std::string& input) {
  return node(name, op, {input}, {{"T", kFloat}});
}

inline std::string binary(const std::string& name, const std::string& op, const std::string& a, const std::string& b,
                          const std::string& type = kFloat) {
  return node(name, op, {a, b}, {{"T", type}});
}

/// A node of an op that TensorFlow knows and that is never converted.
inline std::string python(const std::string& name, const std::string& input) {
  return node(name, "PyFunc", {input}, {{"token", "s: \"t\""}, {"Tin", kFloats}, {"Tout", kFloats}});
}

struct Arg {
  std::string name, type = "DT_FLOAT";
};

/// What stands around a function in a graph's text, where it may be anywhere: graph_text() puts all into the library.
inline const std::string kFunctionBegin = "# function\n", kFunctionEnd = "# end\n";

/// `graph` as a GraphDef's text.
inline std::string graph_text(std::string graph) {
  std::string library;
  for (std::size_t at = 0; (at = graph.find(kFunctionBegin, at)) != std::string::npos;) {
    const std::size_t end = graph.find(kFunctionEnd, at) + kFunctionEnd.size();
    library += graph.substr(at, end - at);
    graph.erase(at, end - at);
  }
  return library.empty() ? graph : graph + "library {\n" + library + "}\n";
}

/// A function. `rets`: output name and tensor inside, "node:output_argument:0". `controls`: nodes that a call runs.
inline std::string function(const std::string& name, const std::vector<Arg>& args, std::string body,
                            const std::vector<std::pair<Arg, std::string>>& rets,
                            const std::vector<std::string>& controls = {}) {
  std::string text = kFunctionBegin + "function { signature { name: \"" + name + "\"";
  for (const auto& arg : args) text += " input_arg { name: \"" + arg.name + "\" type: " + arg.type + " }";
  for (const auto& [ret, tensor] : rets) text += " output_arg { name: \"" + ret.name + "\" type: " + ret.type + " }";
  for (const auto& control : controls) text += " control_output: \"" + control + "\"";
  text += " }\n";
  for (std::size_t at = 0; (at = body.find("node {", at)) != std::string::npos; at += 10)
    body.replace(at, 6, "node_def {");
  text += body;
  for (const auto& [ret, tensor] : rets) text += "ret { key: \"" + ret.name + "\" value: \"" + tensor + "\" }\n";
  for (const auto& control : controls) text += "control_ret { key: \"" + control + "\" value: \"" + control + "\" }\n";
  return text + "}\n" + kFunctionEnd;
}

/// A call of a function of floats.
inline std::string call(const std::string& name, const std::string& callee, const std::vector<std::string>& inputs,
                        std::size_t outputs = 1) {
  std::string in = "list {", out = "list {";
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].starts_with('^')) in += " type: DT_FLOAT";
  }
  for (std::size_t i = 0; i < outputs; ++i) out += " type: DT_FLOAT";
  return node(name, "StatefulPartitionedCall", inputs,
              {{"Tin", in + " }"}, {"Tout", out + " }"}, {"f", "func { name: \"" + callee + "\" }"}});
}

}  // namespace flowport::convert
