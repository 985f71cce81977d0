// What the decoders of connectionist temporal classification share.
#pragma once

#include <flowport/ops.hpp>

namespace flowport::nn {

/// Rows of labels as a sparse tensor.
struct Decoded {
  Value indices, values, shape;
};

/// The `labels` (int64 [b, time]) that are `kept` (bool [b, time]), moved to the front of their rows.
inline Decoded decoded(const Value& labels, const Value& kept) {
  const Node& node = labels.node();
  const Value mask = reshape(kept, Ints{-1});
  const auto flat = [&](const Value& v) { return node.emit("Compress", {reshape(v, Ints{-1}), mask}, {{"axis", 0}}); };
  const Value place = cumsum(cast(kept, DType::kInt64), node.int_scalar(1), true, false);
  const Value row = gather(node.emit("NonZero", {kept}), 0);
  const Value counts = reduce_sum(cast(kept, DType::kInt64), {1}, false);
  const Value longest = reduce_max(concat({node.ints({0}), counts}, 0), {0}, true);
  return {concat({unsqueeze(row, {1}), unsqueeze(flat(place), {1})}, 1), flat(labels),
          concat({shape_of(counts), longest}, 0)};
}

}  // namespace flowport::nn
