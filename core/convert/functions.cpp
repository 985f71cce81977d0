#include "convert/functions.h"

#include <algorithm>

#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert {

std::vector<std::string> functions_of(const tf::Program& program, const tf::Node& node) {
  std::vector<std::string> names;
  if (program.has_function(node.op)) names.emplace_back(node.op);
  for (const char* name : {"f", "body", "cond", "then_branch", "else_branch"}) {
    const auto* attr = program.attr(node, name);
    if (attr != nullptr && attr->value_case() == tf::proto::AttrValue::kFunc) names.push_back(attr->func().name());
  }
  if (const auto* branches = program.attr(node, "branches")) {
    for (const auto& branch : branches->list().func()) names.push_back(branch.name());
  }
  return names;
}

std::ptrdiff_t handed_on(const tf::Graph& body, std::size_t i) {
  tf::Edge edge = body.rets[i];
  for (std::size_t steps = 0; steps < body.nodes.size() && edge.node >= 0; ++steps) {
    const auto& node = body.nodes[static_cast<std::size_t>(edge.node)];
    if (node.op == "_Arg") {
      const auto arg = std::find(body.args.begin(), body.args.end(), edge.node);
      return arg == body.args.end() ? -1 : arg - body.args.begin();
    }
    if (node.op != "Identity" || node.inputs.size() != 1) return -1;
    edge = node.inputs[0];
  }
  return -1;
}

}  // namespace flowport::convert
