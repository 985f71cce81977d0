// Elements by their rank among the others, and dims by their letter.
#include <flowport/ops.hpp>

#include <string>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

Value is_finite(const Value& x) { return less(flowport::abs(x), INFINITY); }

// TF:   InTopKV2(predictions: float [b, classes], targets: T [b], k: T) -> precision: bool [b]; InTopK has k as an attribute
// ONNX: how many predictions are above the target's, against k; false where the target is no class or a prediction is not finite
void in_top_k(const Node& node) {
  const Value x = node.input(0), target = cast(node.input(1), DType::kInt64);
  const Value k =
      node.num_inputs() > 2 ? cast(node.input(2), DType::kInt64) : node.int_scalar(node.attr<std::int64_t>("k"));
  const Value known = logical_and(greater_equal(target, 0), less(target, dim_of(x, 1)));
  const Value index = unsqueeze(where(known, target, 0), {1});
  const Value own = node.emit("GatherElements", {x, index}, {{"axis", 1}});
  const auto count = [](const Value& mask) { return reduce_sum(cast(mask, DType::kInt64), {1}, false); };
  const Value finite = equal(count(logical_not(is_finite(x))), 0);
  node.bind(logical_and(logical_and(known, finite), less(count(greater(x, own)), k)));
}

// TF:   ApproxTopK(input: T) -> values: T, indices: int32, attrs k, reduction_dimension, is_max_k, aggregate_to_topk
// ONNX: TopK, which is exact as TF's is without a TPU
void approx_top_k(const Node& node) {
  if (!node.attr<bool>("aggregate_to_topk", true)) {
    node.unsupported("aggregate_to_topk=false", "set it to true");
  }
  const auto out = node.emit_n(
      "TopK", {node.input(0), node.ints({node.attr<std::int64_t>("k")})},
      {{"axis", node.attr<std::int64_t>("reduction_dimension", -1)}, {"largest", node.attr<bool>("is_max_k", true)}},
      2);
  node.bind(0, out[0]);
  node.bind(1, cast(out[1], DType::kInt32));
}

// TF:   NthElement(input: T, n: int32) -> values: T, along the last dim, attr reverse
// ONNX: TopK, Gather of its last
void nth_element(const Node& node) {
  const Value count = reshape(cast(node.input(1), DType::kInt64), Ints{1}) + 1;
  const auto out =
      node.emit_n("TopK", {node.input(0), count}, {{"axis", -1}, {"largest", node.attr<bool>("reverse", false)}}, 2);
  node.bind(gather(out[0], -1, -1));
}

struct Formats {
  std::string from, to;
};

Formats formats_of(const Node& node) {
  Formats f{node.attr<std::string>("src_format", "NHWC"), node.attr<std::string>("dst_format", "NCHW")};
  if (f.from.size() != f.to.size()) node.bad_model("src_format and dst_format differ in length");
  return f;
}
/// The place of a letter; -1 where it is not there.
std::int64_t place_of(const std::string& format, char dim) {
  const auto at = format.find(dim);
  return at == std::string::npos ? -1 : static_cast<std::int64_t>(at);
}

// TF:   DataFormatDimMap(x: T) -> y: T, dim numbers of src_format as those of dst_format; negative ones count from the end
// ONNX: Gather of a table
void data_format_dim_map(const Node& node) {
  const Formats f = formats_of(node);
  Ints table;
  for (const char dim : f.from) table.push_back(place_of(f.to, dim));
  const Value x = cast(node.input(0), DType::kInt64);
  node.bind(cast_like(gather(node.ints(table), x), node.input(0)));
}

// TF:   DataFormatVecPermute(x: T [n] or [n, 2]) -> y: T; n is the number of dims, or of the spatial ones alone
// ONNX: Gather
void data_format_vec_permute(const Node& node) {
  Formats f = formats_of(node);
  const std::int64_t count = node.input(0).dim(0), rank = static_cast<std::int64_t>(f.from.size());
  if (count < 0) node.unsupported("the number of items must be known when converting");
  if (count == rank - 2) {
    for (std::string* format : {&f.from, &f.to}) std::erase_if(*format, [](char c) { return c == 'N' || c == 'C'; });
  } else if (count != rank) {
    node.bad_model("the number of items is not that of the dims");
  }
  Ints order;
  for (const char dim : f.to) order.push_back(place_of(f.from, dim));
  node.bind(gather(node.input(0), node.ints(order)));
}

constexpr Handler kRows[] = {
    handler<approx_top_k>("ApproxTopK"),
    handler<data_format_dim_map>("DataFormatDimMap"),
    handler<data_format_vec_permute>("DataFormatVecPermute"),
    handler<in_top_k>("InTopK"),
    handler<in_top_k>("InTopKV2"),
    handler<nth_element>("NthElement"),
};

}  // namespace

FLOWPORT_ROWS(kRank, kRows);

}  // namespace flowport::tensor
