// Blocks moved between the batch, the spatial dims and the channels.
#include <flowport/ops.hpp>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

/// Items [from, to) of an int64 vector; to = INT64_MAX is its end.
Value part(const Value& vector, std::int64_t from, std::int64_t to) { return slice(vector, {from}, {to}, {0}); }

struct Blocks {
  int dims;       // spatial dims that are cut
  Value block;    // int64 [dims]
  Value product;  // int64 [1]
};

Blocks blocks_of(const Node& node, const Value& block_shape) {
  const std::int64_t dims = block_shape.dim(0);
  if (dims < 0) node.unsupported("the length of block_shape must be known when converting");
  const Value block = cast(block_shape, DType::kInt64);
  return {static_cast<int>(dims), block, reduce_prod(block, {0}, true)};
}

/// Column `side` of an [n, 2] tensor as int64 [n].
Value column(const Value& pairs, std::int64_t side) { return gather(cast(pairs, DType::kInt64), side, 1); }

Value space_to_batch(const Node& node, const Value& x, const Blocks& blocks, const Value& paddings) {
  const int rank = x.known_rank(), m = blocks.dims;
  if (rank <= m) node.bad_model("block_shape has more items than the input has dims behind the batch");
  const Value zero = node.ints({0}), zeros = node.ints(Ints(static_cast<std::size_t>(rank - m - 1), 0));
  const Value padded =
      pad(x, concat({zero, column(paddings, 0), zeros, zero, column(paddings, 1), zeros}, 0), scalar_like(x, 0));
  const Value shape = shape_of(padded);
  const Value batch = part(shape, 0, 1), rest = part(shape, m + 1, INT64_MAX);
  const Value counts = part(shape, 1, m + 1) / blocks.block;
  std::vector<Value> cut{batch};
  Ints perm, behind{0};
  for (int i = 0; i < m; ++i) {
    cut.push_back(part(counts, i, i + 1));
    cut.push_back(part(blocks.block, i, i + 1));
    perm.push_back(2 * i + 2);
    behind.push_back(2 * i + 1);
  }
  cut.push_back(rest);
  for (int i = 2 * m + 1; i < rank + m; ++i) behind.push_back(i);
  perm.insert(perm.end(), behind.begin(), behind.end());
  const Value moved = transpose(reshape(padded, concat(cut, 0)), perm);
  return reshape(moved, concat({batch * blocks.product, counts, rest}, 0));
}

Value batch_to_space(const Node& node, const Value& x, const Blocks& blocks, const Value& crops) {
  const int rank = x.known_rank(), m = blocks.dims;
  if (rank <= m) node.bad_model("block_shape has more items than the input has dims behind the batch");
  const Value shape = shape_of(x);
  const Value batch = part(shape, 0, 1) / blocks.product, spatial = part(shape, 1, m + 1),
              rest = part(shape, m + 1, INT64_MAX);
  Ints perm{m};
  for (int i = 0; i < m; ++i) {
    perm.push_back(m + 1 + i);
    perm.push_back(i);
  }
  for (int i = 2 * m + 1; i < rank + m; ++i) perm.push_back(i);
  const Value moved = transpose(reshape(x, concat({blocks.block, batch, spatial, rest}, 0)), perm);
  const Value sizes = spatial * blocks.block;
  const Value joined = reshape(moved, concat({batch, sizes, rest}, 0));
  Ints axes;
  for (int i = 1; i <= m; ++i) axes.push_back(i);
  return slice(joined, column(crops, 0), sizes - column(crops, 1), node.ints(axes));
}

// TF:   SpaceToBatchND(input: T, block_shape: Tblock_shape [M], paddings: Tpaddings [M, 2]) -> output: T
// ONNX: Pad, Reshape, Transpose, Reshape
void space_to_batch_nd(const Node& node) {
  node.bind(space_to_batch(node, node.input(0), blocks_of(node, node.input(1)), node.input(2)));
}

// TF:   BatchToSpaceND(input: T, block_shape: Tblock_shape [M], crops: Tcrops [M, 2]) -> output: T
// ONNX: Reshape, Transpose, Reshape, Slice
void batch_to_space_nd(const Node& node) {
  node.bind(batch_to_space(node, node.input(0), blocks_of(node, node.input(1)), node.input(2)));
}

Value square_block(const Node& node) {
  const auto size = node.attr<std::int64_t>("block_size");
  return node.ints({size, size});
}

// TF:   SpaceToBatch(input: T, paddings: Tpaddings [2, 2]) -> output: T, attr block_size; BatchToSpace(input, crops) likewise
// ONNX: as SpaceToBatchND, BatchToSpaceND
void space_to_batch_v1(const Node& node) {
  node.bind(space_to_batch(node, node.input(0), blocks_of(node, square_block(node)), node.input(1)));
}
void batch_to_space_v1(const Node& node) {
  node.bind(batch_to_space(node, node.input(0), blocks_of(node, square_block(node)), node.input(1)));
}

/// Runs `op` on a tensor with its channels at place 1.
void on_channels_first(const Node& node, std::string_view op, const Attrs& attrs) {
  const auto format = node.attr<std::string>("data_format", "NHWC");
  if (format == "NCHW_VECT_C") node.unsupported("data_format NCHW_VECT_C");
  const Value x = node.input(0);
  if (format == "NCHW") return node.bind(node.emit(op, {x}, attrs));
  node.bind(transpose(node.emit(op, {transpose(x, {0, 3, 1, 2})}, attrs), {0, 2, 3, 1}));
}

// TF:   DepthToSpace(input: T) -> output: T, attrs block_size, data_format
// ONNX: DepthToSpace, mode DCR
void depth_to_space(const Node& node) {
  on_channels_first(node, "DepthToSpace", {{"blocksize", node.attr<std::int64_t>("block_size")}, {"mode", "DCR"}});
}

// TF:   SpaceToDepth(input: T) -> output: T, attrs block_size, data_format
// ONNX: SpaceToDepth
void space_to_depth(const Node& node) {
  on_channels_first(node, "SpaceToDepth", {{"blocksize", node.attr<std::int64_t>("block_size")}});
}

constexpr Handler kRows[] = {
    handler<batch_to_space_v1>("BatchToSpace", {.complex = Complex::kParts}),
    handler<batch_to_space_nd>("BatchToSpaceND", {.complex = Complex::kParts}),
    handler<depth_to_space>("DepthToSpace", {.complex = Complex::kParts}),
    handler<space_to_batch_v1>("SpaceToBatch", {.complex = Complex::kParts}),
    handler<space_to_batch_nd>("SpaceToBatchND", {.complex = Complex::kParts}),
    handler<space_to_depth>("SpaceToDepth", {.complex = Complex::kParts}),
};

}  // namespace

FLOWPORT_ROWS(kSpace, kRows);

}  // namespace flowport::tensor
