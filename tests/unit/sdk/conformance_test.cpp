// FakeHost answers as abi.h says; tests/unit/convert runs the same checks in the core.
#include "conformance.h"

#include <flowport/testing.hpp>

#include <gtest/gtest.h>

namespace {

using namespace flowport::testing;
using flowport::DType;
using flowport::Ints;
using flowport::TypeSpec;

GivenNode split() {
  GivenNode node("Split", "split");
  node.input("split_dim", known(DType::kInt32, {}, {1})).input("value", of_type(DType::kFloat, Ints{2, 4}));
  node.output(DType::kFloat, Ints{2, -1}).output(DType::kFloat);
  node.attr("num_split", 2).attr("T", DType::kFloat).attr("_float", 0.5F).attr("_string", "text").attr("_bool", true);
  node.attr("_ints", Ints{3, 4}).attr("_floats", std::vector<float>{1.5F});
  node.attr("_strings", std::vector<std::string>{"a", "b"}).attr("_shape", TypeSpec{DType::kUndefined, Ints{3, -1}});
  node.attr("_func", "callee").attr("_empty", std::vector<float>{});
  return node;
}

class FakeHostConformance : public testing::TestWithParam<conformance::Check> {};

TEST_P(FakeHostConformance, answers_as_the_header_says) {
  const auto& check = GetParam();
  conformance::complaints().clear();
  flowport_value kept = 0;
  FakeHost host(21);
  host.option("style", "bold");
  flowport_handler row{};
  row.tf_op = "Split";
  row.convert = check.convert;
  Outcome outcome = host.convert(row, split(), &kept);
  if (kept != 0) outcome = host.convert(row, split(), &kept);
  EXPECT_EQ(outcome.status, check.status) << outcome.reason;
  EXPECT_NE(outcome.reason.find(check.reason), std::string::npos) << outcome.reason;
  EXPECT_EQ(conformance::complaints(), std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(Header, FakeHostConformance, testing::ValuesIn(conformance::kChecks),
                         [](const auto& given) { return given.param.name; });

}  // namespace
