// `flowport explain`: who converts an op, who else could, and why.
#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/parse.h"
#include "cli/session.h"
#include "cli/tell.h"
#include "convert/core_ops.h"

namespace flowport::cli {

namespace po = boost::program_options;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kUsage =
    "usage: flowport explain OP [options]\n\nShows who converts a TensorFlow op at the target, who else could, and "
    "why.\n\n"
    "  flowport explain Conv2D --opset 18\n\n";

/// What is told of an op.
struct Explained {
  std::string op, target;
  const registry::TfOp* declared = nullptr;
  convert::CoreOp core = convert::CoreOp::kNone;
  std::vector<registry::Candidate> candidates;
  std::vector<const registry::NodeRule*> rules;  ///< in the order in which they are asked
};

std::string_view complex_text(registry::Complex complex) {
  switch (complex) {
    case registry::Complex::kPairs: return "nodes with complex tensors only";
    case registry::Complex::kParts: return "complex tensors too, part by part";
    case registry::Complex::kNone: break;
  }
  return {};
}

/// Rules that may hold for a node of the op and have a say in who converts it, or how.
std::vector<const registry::NodeRule*> rules_for(std::string_view op, const registry::Registry& registry) {
  std::vector<const registry::NodeRule*> rules;
  const auto has_row = [&](std::string_view owner) {
    return std::ranges::any_of(registry.rows(op), [&](const registry::Row* row) { return row->owner->id == owner; });
  };
  for (const registry::NodeRule& rule : registry.node_rules()) {
    const bool fits = rule.op.empty() ? rule.use.empty() || has_row(rule.use) : rule.op == op;
    if (fits) rules.push_back(&rule);
  }
  std::ranges::reverse(rules);
  return rules;
}

/// "nodes 'encoder/*' in functions 'main/*'".
std::string subject_of(const registry::NodeRule& rule) {
  std::string text = rule.name.empty() ? "nodes" : fmt::format("nodes '{}'", rule.name);
  if (!rule.function.empty()) text += fmt::format(" in functions '{}'", rule.function);
  return text;
}

void print_rule(const registry::NodeRule& rule) {
  std::cout << fmt::format("  * {}\n      source  {}\n", subject_of(rule), rule.source);
  if (!rule.use.empty()) std::cout << fmt::format("      why     only {} may convert them\n", rule.use);
  if (rule.mapping) std::cout << "      why     this mapping is asked before all others\n";
  for (const auto& [name, value] : rule.options) std::cout << fmt::format("      option  {}={}\n", name, value);
}

void print_candidate(const registry::Candidate& candidate) {
  const registry::Row& row = *candidate.row;
  std::cout << fmt::format("  {} {}  opset {}, {}\n", candidate.fits ? "+" : "-", owner_text(row), range_text(row),
                           registry::name_of(row.owner->layer));
  const auto line = [](std::string_view what, std::string_view text) {
    if (!text.empty()) std::cout << fmt::format("      {:<7} {}\n", what, text);
  };
  line("source", row.source);
  line("for", complex_text(row.complex));
  line("doc", row.doc);
  line("why", candidate.reason);
}

void print(const Explained& told) {
  std::cout << fmt::format("{} at {}\n", told.op, told.target);
  if (told.declared != nullptr)
    std::cout << fmt::format("  is {}, declared by {}\n", told.declared->text, told.declared->where());
  for (const auto* rule : told.rules) print_rule(*rule);
  if (told.core == convert::CoreOp::kRun)
    std::cout << "  + core\n      why     the symbolic run itself knows what it means\n";
  for (const auto& candidate : told.candidates) print_candidate(candidate);
}

Json json_of(const registry::NodeRule& rule) {
  Json json{{"name", rule.name}, {"function", rule.function}, {"op", rule.op},
            {"use", rule.use},   {"source", rule.source},     {"mapping", rule.mapping.has_value()}};
  json["options"] = Json::object();
  for (const auto& [name, value] : rule.options) json["options"][name] = value;
  return json;
}

Json json_of(const registry::Candidate& candidate) {
  const registry::Row& row = *candidate.row;
  return {{"owner", row.owner->id},
          {"version", row.owner->version},
          {"layer", registry::name_of(row.owner->layer)},
          {"id", row.id},
          {"domain", row.domain.empty() ? "ai.onnx" : row.domain},
          {"opset_min", row.opset_min},
          {"opset_max", row.opset_max},
          {"priority", row.priority},
          {"for", complex_text(row.complex)},
          {"source", row.source},
          {"doc", row.doc},
          {"fits", candidate.fits},
          {"why", candidate.reason}};
}

void print_json(const Explained& told) {
  Json json{
      {"op", told.op}, {"target", told.target}, {"declaration", nullptr}, {"core", told.core == convert::CoreOp::kRun}};
  if (told.declared != nullptr) json["declaration"] = {{"text", told.declared->text}, {"by", told.declared->where()}};
  json["nodes"] = Json::array();
  for (const auto* rule : told.rules) json["nodes"].push_back(json_of(*rule));
  json["candidates"] = Json::array();
  for (const auto& candidate : told.candidates) json["candidates"].push_back(json_of(candidate));
  std::cout << json.dump(2) << '\n';
}

}  // namespace

int run_explain(const Arguments& arguments) {
  SessionOptions session_options;
  bool json = false;
  po::options_description options("options");
  options.add_options()("help,h", "show this text")("json", po::bool_switch(&json), "as JSON");
  session_options.describe(options);
  auto parsed = parse(arguments, options, {"op"}, kUsage);
  if (!parsed) return parsed.error();
  const auto opened = open_session(session_options, *parsed);
  if (!opened) return report_problems(opened.error());
  const Session& session = **opened;

  Explained told;
  told.op = parsed->positional.at("op");
  told.target = session.target.id;
  if (const auto refusal = convert::core_refusal(told.op)) {
    return report_problems({{refusal->fault, fmt::format("{}: {}", told.op, refusal->what), {}, refusal->next}});
  }
  told.declared = session.registry.tf_op(told.op);
  told.core = convert::core_op(told.op);
  told.candidates = session.registry.explain(told.op, session.target);
  told.rules = rules_for(told.op, session.registry);
  const bool has_mapping = std::ranges::any_of(told.rules, [](const auto* rule) { return rule->mapping.has_value(); });
  if (told.candidates.empty() && told.core != convert::CoreOp::kRun && !has_mapping)
    return report_problems({session.registry.no_handler(told.op, session.target)});
  if (json) {
    print_json(told);
  } else {
    print(told);
  }
  return 0;
}

}  // namespace flowport::cli
