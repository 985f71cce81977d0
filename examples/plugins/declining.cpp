// Two rows for one op: the better one declines what it cannot take, with a reason, and the host asks the next.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

#include <utility>

namespace {

using flowport::Node;
using flowport::Value;

// TF:   MyGram(x: float) -> y: float
// ONNX: Einsum, for matrices
void gram_of_matrix(const Node& node) {
  const Value x = node.input(0);
  if (x.rank() != 2) node.decline("the input is not known to be a matrix");
  node.bind(node.emit("Einsum", {x, x}, {{"equation", "ij,ik->jk"}}));
}

// ONNX: MatMul(Transpose(x), x) of the last two dims
void gram_of_stack(const Node& node) {
  const Value x = node.input(0);
  const int rank = x.known_rank();
  if (rank < 2) node.bad_model("MyGram of what is no matrix");
  flowport::Ints perm;
  for (int i = 0; i < rank; ++i) perm.push_back(i);
  std::swap(perm[perm.size() - 2], perm.back());
  node.bind(matmul(transpose(x, perm), x));
}

constexpr flowport::Handler kHandlers[] = {
    flowport::handler<gram_of_matrix>("MyGram", {.priority = 1, .id = "matrix"}),
    flowport::handler<gram_of_stack>("MyGram", {.id = "stack"}),
};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.declining", .version = "1.0.0", .summary = "Gram matrices", .license = "Apache-2.0"},
                kHandlers)
