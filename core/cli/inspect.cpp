#include <algorithm>
#include <iostream>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>

#include "cli/command.h"
#include "cli/parse.h"
#include "cli/tell.h"
#include "tensorflow/reader.h"

namespace flowport::cli {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kUsage = R"(usage: flowport inspect MODEL [options]

Shows what MODEL has. What it says of inputs and outputs can be pasted into `flowport convert`.

  flowport inspect saved_model
  flowport inspect frozen.pb

)";

std::string type_of(const tf::Endpoint& endpoint) {
  std::string text(tf::name_of(endpoint.dtype));
  if (!endpoint.dims) return text;
  text += '[';
  for (std::size_t i = 0; i < endpoint.dims->size(); ++i) {
    if (i != 0) text += ',';
    text += (*endpoint.dims)[i] < 0 ? "?" : std::to_string((*endpoint.dims)[i]);
  }
  return text + ']';
}

void print_endpoints(std::string_view title, const std::vector<tf::Endpoint>& endpoints) {
  for (const auto& endpoint : endpoints) {
    std::cout << fmt::format("    {:<7} {}: {}  (tensor {})\n", title, endpoint.name, type_of(endpoint),
                             endpoint.tensor);
  }
}

/// Placeholders and nodes that nothing uses: what a graph without signatures offers.
void print_ends(const tf::Program& program) {
  const auto& nodes = program.main().nodes;
  std::vector<bool> used(nodes.size());
  for (const auto& node : nodes) {
    for (const auto& input : node.inputs) {
      if (input.node >= 0) used[static_cast<std::size_t>(input.node)] = true;
    }
  }
  std::vector<std::string> inputs, outputs;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto& node = nodes[i];
    if (node.op.starts_with("Placeholder")) {
      inputs.push_back(std::string(node.name) + ":0");
      std::cout << fmt::format("  input   {}: {}\n", inputs.back(), tf::name_of(program.output_type(node, 0)));
    } else if (!used[i] && node.op != "Const" && node.op != "NoOp" && program.output_count(node) > 0) {
      outputs.push_back(std::string(node.name) + ":0");
      std::cout << fmt::format("  unused  {}: {} of {}\n", outputs.back(), tf::name_of(program.output_type(node, 0)),
                               node.op);
    }
  }
  if (inputs.empty() && outputs.empty()) return;
  constexpr std::size_t kShown = 6;
  outputs.resize(std::min(outputs.size(), kShown));
  std::cout << fmt::format("  flags   --inputs {} --outputs {}\n", fmt::join(inputs, ","), fmt::join(outputs, ","));
}

void print_ops(const tf::Program& program) {
  std::map<std::string_view, std::size_t> counts;
  std::size_t total = 0;
  const auto count = [&](const tf::Graph& graph) {
    for (const auto& node : graph.nodes) ++counts[node.op];
    total += graph.nodes.size();
  };
  count(program.main());
  for (const auto name : program.function_names()) {
    if (const auto function = program.function(name)) count(**function);
  }
  std::vector<std::pair<std::string_view, std::size_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::cout << fmt::format("Ops        {} nodes of {} ops, functions included\n", total, sorted.size());
  for (const auto& [op, number] : sorted) std::cout << fmt::format("  {:>6}  {}\n", number, op);
}

}  // namespace

int run_inspect(const Arguments& arguments) {
  std::vector<std::string> tags;
  po::options_description options("options");
  options.add_options()("tag", po::value(&tags)->value_name("TAG"), "tag of the MetaGraph of a SavedModel; repeatable")(
      "help,h", "show this text");
  auto parsed = parse(arguments, options, {"model"}, kUsage);
  if (!parsed) return parsed.error();
  auto read = tf::read_model(parsed->positional.at("model"), {tags, {}});
  if (!read) return report_problems({read.error()});
  const tf::Program& program = **read;
  std::cout << fmt::format("Model      {} ({})\n", parsed->positional.at("model"), format_name(program.format()));
  if (!program.tags().empty()) std::cout << fmt::format("Tags       {}\n", fmt::join(program.tags(), ", "));
  std::cout << fmt::format("Signatures {}\n", program.signatures().size());
  for (const auto& signature : program.signatures()) {
    std::cout << fmt::format("  {}  (--signature {})\n", signature.key, signature.key);
    print_endpoints("input", signature.inputs);
    print_endpoints("output", signature.outputs);
  }
  if (program.signatures().empty()) print_ends(program);
  std::cout << fmt::format("Functions  {}\n", program.function_names().size());
  print_ops(program);
  return 0;
}

}  // namespace flowport::cli
