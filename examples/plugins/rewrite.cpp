// A rewrite: a loop that adds up the rows of a sequence is one CumSum.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

using flowport::Node;
using flowport::Value;

constexpr const char* kRunningSum = R"((x, s) => (s1)
s1 = Add(s, x))";

// Loop: s = s + x[t]
// ONNX: CumSum(x, 0) + s
void running_sum(const Node& node) {
  const Value x = node.input("x"), start = node.input("s");
  if (node.input("sequence_lens")) node.decline("lanes end at steps of their own");
  const Value all = cumsum(x, node.int_scalar(0), false, false) + unsqueeze(start, {0});
  node.bind(0, all);
  node.bind(1, gather(all, node.int_scalar(-1), 0));
}

constexpr flowport::Rewrite kRewrites[] = {flowport::scan_rewrite<running_sum>("running_sum", kRunningSum)};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.rewrite", .version = "1.0.0", .summary = "Running sums", .license = "Apache-2.0"}, {},
                {}, {}, kRewrites)
