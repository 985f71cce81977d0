// TF attributes as the plugin boundary gives them: views that live as long as this object.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <flowport/abi.h>

#include "base/bytes.h"
#include "convert/handler_call.h"
#include "tensorflow/program.h"

namespace flowport::convert {

/// Attribute `name` of `node` as mappings name it (registry/mapping.h): a type by its TF name, a bool as "true" or "false", an int
/// in decimal, a string as it is; lists comma-separated. Empty where there is none.
std::string attribute_text(const tf::Program& program, const tf::Node& node, std::string_view name);

class TfAttributes {
 public:
  TfAttributes(const tf::Program& program, const tf::Node& node, View view)
      : program_(program), node_(node), view_(view) {}

  /// Attribute `name`, the op's default included; kind FLOWPORT_ATTR_NONE where there is none, or where a tensor cannot be read.
  flowport_attr get(std::string_view name);

 private:
  std::int32_t onnx_number(int type) const;
  template <typename T>
  flowport_attr give(std::uint32_t kind, std::vector<T> items);

  const tf::Program& program_;
  const tf::Node& node_;
  View view_;
  std::deque<std::vector<std::int64_t>> ints_;
  std::deque<std::vector<float>> floats_;
  std::deque<std::vector<flowport_str>> strings_;
  std::deque<std::vector<std::int32_t>> types_;
  std::deque<std::vector<flowport_type>> shapes_;
  std::deque<std::vector<flowport_tensor>> tensors_;
  std::deque<tf::Tensor> held_;
};

}  // namespace flowport::convert
