#include "running.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <gtest/gtest.h>

#include "config/config.h"
#include "graphs.h"
#include "host/host.h"
#include "tensorflow/reader.h"

namespace flowport::convert {

namespace {

std::string type_text(const ir::Model& model, const ir::Type& type) {
  std::string text(ir::name_of(type.dtype));
  if (!type.has_rank) return text;
  text += '[';
  for (std::size_t i = 0; i < type.dims.size(); ++i) {
    const ir::Dim& dim = type.dims[i];
    text += i == 0 ? "" : ",";
    text += dim.is_known() ? std::to_string(dim.size) : dim.symbol != 0 ? model.symbols[dim.symbol] : "?";
  }
  return text + ']';
}

std::unique_ptr<tf::Program> read(const std::string& graph) {
  // Tests run side by side, each in a process of its own.
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const auto path = std::filesystem::path(testing::TempDir()) /
                    (std::string("flowport_") + test->test_suite_name() + "_" + test->name() + ".pbtxt");
  std::ofstream(path) << graph_text(graph);
  auto program = tf::read_model(path);
  std::filesystem::remove(path);
  if (!program) throw std::runtime_error(program.error().what + " " + program.error().where);
  return *std::move(program);
}

}  // namespace

const registry::Registry& builtin_registry() {
  static const registry::Registry& loaded = []() -> const registry::Registry& {
    static registry::Registry registry;
    const auto installation = host::Installation::around(FLOWPORT_BUILD_ROOT);
    host::LoadOptions options;
    options.search_environment = false;
    EXPECT_TRUE(host::load_plugins(options, installation, registry).problems.empty());
    EXPECT_TRUE(config::load_builtin_mappings(installation.configs / "mappings", registry).problems.empty());
    return registry;
  }();
  return loaded;
}

Converted::Converted(const std::string& graph, const InterfaceOptions& options, int opset,
                     const registry::Registry& registry)
    : program(read(graph)),
      result(convert(*program, registry, builtin_registry().target("onnx-" + std::to_string(opset)).value(), options)) {
}

std::vector<std::string> Converted::ops_of(const ir::Graph& graph) {
  std::vector<std::string> ops;
  for (const auto& each : graph.nodes) ops.push_back(each.op);
  return ops;
}

std::vector<std::string> Converted::worded(const std::vector<ir::ValueId>& values) const {
  std::vector<std::string> texts;
  for (const auto id : values) {
    texts.push_back(value(id).name + ": " + type_text(result.model, value(id).type));
  }
  return texts;
}

std::vector<std::string> Converted::problems() const {
  std::vector<std::string> texts;
  for (const auto& problem : result.journal.problems) {
    std::string text = problem.op + " " + problem.node;
    if (!problem.path.empty()) text += " in " + problem.path;
    texts.push_back(text + ": " + problem.reason);
  }
  for (const auto& problem : result.problems) texts.push_back(problem.what);
  return texts;
}

std::vector<std::string> Converted::next() const {
  std::vector<std::string> texts;
  for (const auto& problem : result.journal.problems) texts.push_back(problem.next);
  for (const auto& problem : result.problems) texts.push_back(problem.next);
  return texts;
}

const ir::Graph& Converted::body(const std::string& op, const std::string& attribute) const {
  for (const auto& each : result.model.graph.nodes) {
    if (each.op == op) return *std::get<std::shared_ptr<ir::Graph>>(each.find(attribute)->value);
  }
  throw std::runtime_error("there is no " + op);
}

}  // namespace flowport::convert
