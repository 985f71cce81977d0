// Attributes of every kind that a TensorFlow node can have.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

using flowport::DType;
using flowport::Node;
using flowport::TypeSpec;
using flowport::Value;

// TF:   MyMix(x: T) -> y: out_type, with attributes of every kind
// ONNX: what they say, one after the other
void mix(const Node& node) {
  Value y = node.input(0);
  y = y * static_cast<double>(node.attr<std::int64_t>("times"));
  y = y + double{node.attr<float>("offset")};
  if (node.attr<bool>("negate", false)) y = -y;
  if (node.attr<std::string>("mode") == "half") y = y * 0.5;
  y = transpose(y, node.attr<flowport::Ints>("perm"));
  for (const float factor : node.attr<std::vector<float>>("factors")) y = y * double{factor};
  for (const auto& op : node.attr<std::vector<std::string>>("steps")) y = node.emit(op, {y});
  const auto shape = node.attr<TypeSpec>("shape");
  if (shape.dims) y = reshape(y, *shape.dims);
  if (const auto types = node.attr<std::vector<DType>>("through"); !types.empty()) y = cast(y, types.front());
  node.bind(cast(y, node.attr<DType>("out_type")));
}

// TF:   MyTable(i: int64) -> y: float, attr table: tensor
// ONNX: Gather of a constant
void table(const Node& node) {
  const auto rows = node.attr<flowport::TensorAttr>("table");
  node.bind(gather(node.constant(rows.dtype, rows.dims, std::span<const std::byte>(rows.data)), node.input(0)));
}

constexpr flowport::Handler kHandlers[] = {flowport::handler<mix>("MyMix"), flowport::handler<table>("MyTable")};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.attributes", .version = "1.0.0", .summary = "Attributes", .license = "Apache-2.0"},
                kHandlers)
