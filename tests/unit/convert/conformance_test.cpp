// The core answers plugins as abi.h says; tests/unit/sdk runs the same checks in FakeHost.
#include "../sdk/conformance.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "convert/call_node.h"
#include "convert/convert.h"
#include "graphs.h"
#include "tensorflow/reader.h"

namespace flowport::convert {
namespace {

/// The status that the plugin's function returned is not in the journal: its fault is.
Fault fault_of(flowport_status status) {
  switch (status) {
    case FLOWPORT_DECLINED:
    case FLOWPORT_UNSUPPORTED: return Fault::kUnsupported;
    case FLOWPORT_BAD_MODEL: return Fault::kModel;
    default: return Fault::kPlugin;
  }
}

std::string split_graph() {
  const std::string one = "tensor { dtype: DT_INT32 tensor_shape {} int_val: 1 }";
  const auto split = [](const std::string& name) {
    return node(
        name, "Split", {"axis", "x"},
        {{"num_split", "i: 2"},
         {"T", kFloat},
         {"_float", "f: 0.5"},
         {"_string", "s: \"text\""},
         {"_bool", "b: true"},
         {"_ints", "list { i: 3 i: 4 }"},
         {"_floats", "list { f: 1.5 }"},
         {"_strings", "list { s: \"a\" s: \"b\" }"},
         {"_shape", shape({3, -1})},
         {"_func", "func { name: \"callee\" }"},
         {"_empty", "list { }"},
         {"_output_shapes", "list { shape { dim { size: 2 } dim { size: -1 } } shape { unknown_rank: true } }"}});
  };
  return placeholder("x", {2, 4}) + node("axis", "Const", {}, {{"dtype", kInt32}, {"value", one}}) + split("split") +
         node("again", "Neg", {"split:1"}, {{"T", kFloat}});
}

class HostConformance : public testing::TestWithParam<conformance::Check> {};

TEST_P(HostConformance, answers_as_the_header_says) {
  const auto& check = GetParam();
  conformance::complaints().clear();
  const auto path = std::filesystem::path(testing::TempDir()) / (std::string("conformance_") + check.name + ".pbtxt");
  std::ofstream(path) << graph_text(split_graph());
  auto program = tf::read_model(path);
  std::filesystem::remove(path);
  ASSERT_TRUE(program) << program.error().what;

  registry::Registry registry;
  const auto* owner = registry.add_owner({"conformance", "1", "", registry::Layer::kUserPlugin, {{"style", "bold"}}});
  flowport_value kept = 0;
  registry::Row row;
  row.tf_op = "Split";
  row.id = check.name;
  row.owner = owner;
  row.handler.convert = check.convert;
  row.handler.state = &kept;
  ASSERT_TRUE(registry.add_row(row));
  registry::Target target;
  target.id = "onnx-21";
  target.ir_version = 10;
  target.domains[""] = 21;
  InterfaceOptions options;
  options.outputs = {"split:0", "split:1"};
  Conversion result = convert(**program, registry, target, options);
  if (kept != 0) result = convert(**program, registry, target, options);

  EXPECT_EQ(conformance::complaints(), std::vector<std::string>{});
  EXPECT_TRUE(result.problems.empty()) << result.problems[0].what;
  if (check.status == FLOWPORT_OK) {
    EXPECT_TRUE(result.journal.problems.empty()) << result.journal.problems[0].reason;
    return;
  }
  ASSERT_EQ(result.journal.problems.size(), 1U);
  EXPECT_EQ(result.journal.problems[0].fault, fault_of(check.status));
  EXPECT_NE(result.journal.problems[0].reason.find(check.reason), std::string::npos)
      << result.journal.problems[0].reason;
}

INSTANTIATE_TEST_SUITE_P(Header, HostConformance, testing::ValuesIn(conformance::kChecks),
                         [](const auto& given) { return given.param.name; });

}  // namespace
}  // namespace flowport::convert
