// Elements picked by index.
#include <flowport/ops.hpp>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

/// ONNX's Gather; with batch dims, GatherND over them.
void gather_along(const Node& node, std::int64_t axis) {
  const Value params = node.input(0), indices = node.input(1);
  std::int64_t batch = node.attr<std::int64_t>("batch_dims", 0);
  if (batch == 0) return node.bind(gather(params, indices, axis));
  const int rank = params.known_rank();
  if (batch < 0) batch += indices.known_rank();
  axis = normalize_axis(node, axis, rank);
  if (batch < 0 || axis < batch) node.bad_model("axis lies before batch_dims");
  // The axis moves to stand right behind the batch dims; what lay between follows the indices' dims.
  Ints perm;
  for (std::int64_t i = 0; i < batch; ++i) perm.push_back(i);
  perm.push_back(axis);
  for (std::int64_t i = batch; i < rank; ++i) {
    if (i != axis) perm.push_back(i);
  }
  const Value picked = gather_nd(transpose(params, perm), unsqueeze(indices, {-1}), batch);
  // picked: batch dims, rest of the indices' dims, dims between batch and axis, dims behind the axis
  const std::int64_t inner = indices.known_rank() - batch, between = axis - batch;
  if (inner < 0) node.bad_model("batch_dims is more than the indices have dims");
  Ints back;
  const std::int64_t out_rank = rank - 1 + inner;
  for (std::int64_t i = 0; i < batch; ++i) back.push_back(i);
  for (std::int64_t i = 0; i < between; ++i) back.push_back(batch + inner + i);
  for (std::int64_t i = 0; i < inner; ++i) back.push_back(batch + i);
  for (std::int64_t i = batch + inner + between; i < out_rank; ++i) back.push_back(i);
  node.bind(transpose(picked, back));
}

// TF:   GatherV2(params: Tparams, indices: Tindices, axis: Taxis) -> output: Tparams, attr batch_dims
// ONNX: Gather, GatherND
void gather_v2(const Node& node) { gather_along(node, node.input(2).known_int()); }

// TF:   Gather(params: Tparams, indices: Tindices) -> output: Tparams
//       ResourceGather(resource, indices: Tindices) likewise, attr batch_dims
// ONNX: Gather, GatherND
void gather_v1(const Node& node) { gather_along(node, node.attr<std::int64_t>("batch_dims", 0)); }

// TF:   GatherNd(params: Tparams, indices: Tindices) -> output: Tparams; ResourceGatherNd likewise
// ONNX: GatherND
void gather_nd_op(const Node& node) {
  const Value params = node.input(0), indices = node.input(1);
  if (node.attr<std::string>("bad_indices_policy", "") == "IGNORE") {
    node.unsupported("bad_indices_policy IGNORE: ONNX has no way to skip an index that is out of range");
  }
  if (indices.dim(-1) == 0) {  // no index: the whole of params for each row
    const Value rows = slice(shape_of(indices), {0}, {-1}, {0});
    return node.bind(expand(params, concat({rows, shape_of(params)}, 0)));
  }
  node.bind(gather_nd(params, indices));
}

constexpr Handler kRows[] = {
    handler<gather_v1>("Gather", {.complex = Complex::kParts}),
    handler<gather_nd_op>("GatherNd", {.complex = Complex::kParts}),
    handler<gather_v2>("GatherV2", {.const_inputs = inputs_known(2), .complex = Complex::kParts}),
    handler<gather_v1>("ResourceGather", {.complex = Complex::kParts}),
    handler<gather_nd_op>("ResourceGatherNd", {.complex = Complex::kParts}),
};

}  // namespace

FLOWPORT_ROWS(kGather, kRows);

}  // namespace flowport::tensor
