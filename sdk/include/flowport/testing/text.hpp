// Emitted nodes as text that a test can compare.
#pragma once

#include <flowport/testing/onnx_ops.hpp>

#include <deque>

namespace flowport::testing {

/// A graph as it grows: of the call, or of a body.
struct GraphText {
  std::vector<std::string> inputs;
  std::vector<std::string> lines;
  std::vector<std::size_t> outputs;  ///< indices of values
};

inline std::string number_text(double number) {
  std::ostringstream out;
  out.precision(9);
  out << number;
  return out.str();
}

/// `int64[2]{0, 1}`; scalars `float{2}`; of long ones the first eight and how many.
inline std::string constant_text(const Tensor& tensor) {
  std::string text = name_of(tensor.dtype);
  if (!tensor.dims->empty()) {
    text += '[';
    for (std::size_t i = 0; i < tensor.dims->size(); ++i)
      text += (i == 0 ? "" : ",") + std::to_string((*tensor.dims)[i]);
    text += ']';
  }
  text += '{';
  const std::size_t size = size_of(tensor.dtype);
  const std::size_t count = tensor.strings ? tensor.strings->size() : size == 0 ? 0 : tensor.data->size() / size;
  for (std::size_t i = 0; i < count && i < 8; ++i) {
    text += i == 0 ? "" : ", ";
    if (tensor.strings) {
      text += '"' + (*tensor.strings)[i] + '"';
    } else if (is_integer(tensor.dtype)) {
      text += std::to_string(detail::integer_at(tensor.dtype, tensor.data->data(), i));
    } else {
      text += number_text(detail::number_at(tensor.dtype, tensor.data->data(), i));
    }
  }
  return text + (count > 8 ? ", ...}" : "}");
}

inline std::string body_text(const GraphText& graph, const std::vector<std::string>& names) {
  std::string text = "{(";
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) text += (i == 0 ? "" : ", ") + graph.inputs[i];
  text += ") =>";
  for (const auto& line : graph.lines) text += " " + line + ";";
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) text += (i == 0 ? " " : ", ") + names[graph.outputs[i]];
  return text + "}";
}

/// `<axis = 1, mode = "constant">`, sorted by name; nothing where there are none.
inline std::string attrs_text(const std::map<std::string, GivenAttr>& attrs, const std::deque<GraphText>& graphs,
                              const std::vector<std::string>& names) {
  if (attrs.empty()) return {};
  std::string text;
  for (const auto& [name, attr] : attrs) {
    text += (text.empty() ? "<" : ", ") + name + " = ";
    const auto list = [&](const auto& items, const auto& print) {
      text += '[';
      for (std::size_t i = 0; i < items.size(); ++i) text += (i == 0 ? "" : ", ") + print(items[i]);
      text += ']';
    };
    const auto quoted = [](const std::string& s) { return '"' + s + '"'; };
    const auto integer = [](std::int64_t v) { return std::to_string(v); };
    const auto real = [](float v) { return number_text(static_cast<double>(v)); };
    switch (attr.kind) {
      case FLOWPORT_ATTR_INT: text += integer(attr.ints[0]); break;
      case FLOWPORT_ATTR_FLOAT: text += real(attr.floats[0]); break;
      case FLOWPORT_ATTR_STRING: text += quoted(attr.strings[0]); break;
      case FLOWPORT_ATTR_INTS: list(attr.ints, integer); break;
      case FLOWPORT_ATTR_FLOATS: list(attr.floats, real); break;
      case FLOWPORT_ATTR_STRINGS: list(attr.strings, quoted); break;
      case FLOWPORT_ATTR_TENSOR: text += constant_text(*attr.tensor); break;
      case FLOWPORT_ATTR_BODY: text += body_text(graphs[static_cast<std::size_t>(attr.ints[0])], names); break;
      default: break;
    }
  }
  return text + ">";
}

}  // namespace flowport::testing
