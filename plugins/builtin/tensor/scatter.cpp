// Elements written by index.
#include <flowport/ops.hpp>

#include <set>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

void refuse_ignored_indices(const Node& node) {
  if (node.attr<std::string>("bad_indices_policy", "") == "IGNORE") {
    node.unsupported("bad_indices_policy IGNORE: ONNX has no way to skip an index that is out of range");
  }
}

/// Whether no row of known indices stands twice.
bool distinct(const Value& indices) {
  const auto flat = indices.ints();
  const std::int64_t depth = indices.dim(-1);
  if (!flat || depth < 1) return false;
  std::set<Ints> seen;
  for (auto at = flat->begin(); at != flat->end(); at += depth) {
    if (!seen.insert(Ints(at, at + depth)).second) return false;
  }
  return true;
}

/// `op` (Add, Max or Min) of `updates` onto `tensor`; without the reduction of ScatterND, indices must be distinct.
Value scatter(const Node& node, const Value& tensor, const Value& indices, const Value& updates, std::string_view op) {
  const Value at = cast(indices, DType::kInt64);
  if (node.opset() >= (op == "Add" ? 16 : 18)) {
    const char* reduction = op == "Add" ? "add" : op == "Max" ? "max" : "min";
    return node.emit("ScatterND", {tensor, at, updates}, {{"reduction", reduction}});
  }
  if (!distinct(indices)) {
    node.unsupported("indices that may stand twice",
                     op == "Add" ? "convert at opset 16 or higher" : "convert at opset 18 or higher");
  }
  return node.emit("ScatterND", {tensor, at, binary(op, gather_nd(tensor, at), updates)});
}

// TF:   ScatterNd(indices: Tindices, updates: T, shape: Tindices) -> output: T; of equal indices the updates are added
// ONNX: ScatterND onto zeros; bools as numbers
void scatter_nd(const Node& node) {
  refuse_ignored_indices(node);
  const bool flags = node.input(1).dtype() == DType::kBool;
  const Value updates = flags ? cast(node.input(1), DType::kInt32) : node.input(1);
  const Value zeros = fill(to_vector(node.input(2)), updates, 0);
  node.bind(cast(scatter(node, zeros, node.input(0), updates, "Add"), node.output_dtype()));
}

// TF:   TensorScatterAdd, TensorScatterSub, TensorScatterMax, TensorScatterMin(tensor: T, indices, updates: T) -> output: T
// ONNX: ScatterND, or GatherND and ScatterND where it has no reduction yet
void tensor_scatter(const Node& node) {
  refuse_ignored_indices(node);
  const Value tensor = node.input(0), indices = node.input(1), updates = node.input(2);
  if (node.op() == "TensorScatterSub") {
    return node.bind(scatter(node, tensor, indices, scalar_like(updates, 0) - updates, "Add"));
  }
  node.bind(scatter(node, tensor, indices, updates,
                    node.op() == "TensorScatterAdd"   ? "Add"
                    : node.op() == "TensorScatterMax" ? "Max"
                                                      : "Min"));
}

// TF:   SparseToDense(sparse_indices: Tindices, output_shape: Tindices, sparse_values: T, default_value: T) -> dense: T
// ONNX: ScatterND onto the default value
void sparse_to_dense(const Node& node) {
  Value at = cast(node.input(0), DType::kInt64);
  Value values = node.input(2);
  const int rank = at.known_rank();
  if (rank < 2) at = reshape(at, Ints{-1, 1});
  if (values.known_rank() == 0) values = expand(values, slice(shape_of(at), {0}, {1}, {0}));
  if (rank == 0) values = reshape(values, Ints{1});
  const Value base = expand(node.input(3), to_vector(node.input(1)));
  node.bind(node.emit("ScatterND", {base, at, values}));
}

constexpr Handler kRows[] = {
    handler<scatter_nd>("ScatterNd", {.complex = Complex::kParts}),
    handler<sparse_to_dense>("SparseToDense", {.complex = Complex::kParts}),
    handler<tensor_scatter>("TensorScatterAdd", {.complex = Complex::kParts}),
    handler<tensor_scatter>("TensorScatterMax"),
    handler<tensor_scatter>("TensorScatterMin"),
    handler<tensor_scatter>("TensorScatterSub", {.complex = Complex::kParts}),
};

}  // namespace

FLOWPORT_ROWS(kScatter, kRows);

}  // namespace flowport::tensor
