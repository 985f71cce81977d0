// Tensor lists: which form they take, in and out of loops.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graphs.h"
#include "running.h"

namespace flowport::convert {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string list_node(const std::string& name, const std::string& op, const std::vector<std::string>& inputs) {
  return node(name, op, inputs, {{"element_dtype", kFloat}, {"shape_type", kInt32}});
}

std::string reserve(const std::string& count) {
  return ints_const("shape", {4}) + list_node("list", "TensorListReserve", {"shape", count});
}

TEST(Lists, ItemsThatAreKnownOneByOneCostNothing) {
  const Converted run(placeholder("x", {4}) + int_const("two", 2) + reserve("two") + int_const("zero", 0) +
                          int_const("one", 1) + list_node("a", "TensorListSetItem", {"list", "one", "x"}) +
                          unary("n", "Neg", "x") + list_node("b", "TensorListSetItem", {"a", "zero", "n"}) +
                          list_node("y", "TensorListGetItem", {"b", "one", "shape"}) + unary("z", "Exp", "y"),
                      outputs({"z:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Neg", "Exp"));
}

TEST(Lists, AnItemThatIsNeverSetIsZero) {
  const Converted run(placeholder("x", {4}) + int_const("two", 2) + reserve("two") + int_const("zero", 0) +
                          list_node("a", "TensorListSetItem", {"list", "zero", "x"}) +
                          list_node("y", "TensorListStack", {"a", "shape"}),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.outputs(), ElementsAre("y:0: float[2,4]"));
}

TEST(Lists, ATensorIsAListOfItsRows) {
  const Converted run(placeholder("x") + placeholder("i", {}, kInt32) + ints_const("shape", {4}) +
                          list_node("list", "TensorListFromTensor", {"x", "shape"}) +
                          list_node("y", "TensorListGetItem", {"list", "i", "shape"}),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Gather"));
}

TEST(Lists, AListIsNoTensor) {
  const Converted run(
      placeholder("x") + ints_const("shape", {4}) + list_node("list", "TensorListFromTensor", {"x", "shape"}),
      outputs({"list:0"}));
  EXPECT_THAT(run.problems(), Contains(HasSubstr("a list of tensors is used where ONNX needs one tensor")));
}

constexpr const char* kVariant = "type: DT_VARIANT";

TEST(Lists, AListAsAnItemIsTheTensorOfItsRows) {
  const Converted run(
      placeholder("x", {2, 4}) + ints_const("shape", {4}) + int_const("one", 1) + int_const("zero", 0) +
          ints_const("scalar", {}) + list_node("list", "TensorListFromTensor", {"x", "shape"}) +
          node("lists", "TensorListReserve", {"scalar", "one"}, {{"element_dtype", kVariant}, {"shape_type", kInt32}}) +
          node("a", "TensorListSetItem", {"lists", "zero", "list"}, {{"element_dtype", kVariant}}) +
          node("b", "TensorListGetItem", {"a", "zero", "scalar"}, {{"element_dtype", kVariant}}) +
          list_node("y", "TensorListStack", {"b", "shape"}) + unary("z", "Exp", "y"),
      outputs({"z:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Exp"));
}

TEST(Lists, AVectorOfListsCostsNothing) {
  const Converted run(placeholder("x", {2, 4}) + ints_const("shape", {4}) +
                          list_node("list", "TensorListFromTensor", {"x", "shape"}) +
                          node("p", "Pack", {"list", "list"}, {{"T", kVariant}, {"N", "i: 2"}}) +
                          node("u", "Unpack", {"p"}, {{"T", kVariant}, {"num", "i: 2"}}) +
                          list_node("y", "TensorListStack", {"u:1", "shape"}) + unary("z", "Exp", "y"),
                      outputs({"z:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Exp"));
}

const std::string kCondition = function("go_on", {{"i", "DT_INT32"}, {"n", "DT_INT32"}, {"l", "DT_VARIANT"}, {"v"}},
                                        binary("less", "Less", "i", "n", kInt32), {{{"out", "DT_BOOL"}, "less:z:0"}});

/// i + 1, n, `write` to l, v: the loop's list is output 2.
std::string loop(const std::string& write) {
  return kCondition +
         function("body", {{"i", "DT_INT32"}, {"n", "DT_INT32"}, {"l", "DT_VARIANT"}, {"v"}},
                  int_const("one", 1) + binary("next", "AddV2", "i", "one:output:0", kInt32) +
                      unary("item", "Exp", "v") + write,
                  {{{"i_out", "DT_INT32"}, "next:z:0"},
                   {{"n_out", "DT_INT32"}, "n"},
                   {{"l_out", "DT_VARIANT"}, "write:output_handle:0"},
                   {{"v_out"}, "v"}}) +
         node("loop", "StatelessWhile", {"start", "n", "list", "x"},
              {{"T", "list { type: DT_INT32 type: DT_INT32 type: DT_VARIANT type: DT_FLOAT }"},
               {"cond", "func { name: \"go_on\" }"},
               {"body", "func { name: \"body\" }"}}) +
         list_node("y", "TensorListStack", {"loop:2", "shape"});
}

const std::string kGiven = placeholder("x", {4}) + placeholder("n", {}, kInt32) + int_const("start", 0) + reserve("n");

TEST(Lists, WrittenInOrderIsAScanOutput) {
  const Converted run(kGiven + loop(list_node("write", "TensorListSetItem", {"l", "i", "item:y:0"})), outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  // The first condition, which nothing uses, the trip count as int64, and nothing behind the loop.
  EXPECT_THAT(run.ops(), ElementsAre("Less", "Cast", "Loop"));
  // Iteration number, condition, i: the list is no loop variable.
  EXPECT_EQ(run.body("Loop", "body").inputs.size(), 3U);
  EXPECT_THAT(Converted::ops_of(run.body("Loop", "body")), Not(Contains("ScatterND")));
}

TEST(Lists, ReadAndWrittenIsALoopVariable) {
  const Converted run(kGiven + loop(list_node("old", "TensorListGetItem", {"l", "i", "wanted:output:0"}) +
                                    ints_const("wanted", {4}) + binary("sum", "AddV2", "old:item:0", "v") +
                                    list_node("write", "TensorListSetItem", {"l", "i", "sum:z:0"})),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_EQ(run.body("Loop", "body").inputs.size(), 4U);
  EXPECT_THAT(Converted::ops_of(run.body("Loop", "body")), Contains("ScatterND"));
}

TEST(Lists, PushedItemsAreAScanOutput) {
  const Converted run(placeholder("x", {4}) + placeholder("n", {}, kInt32) + int_const("start", 0) +
                          ints_const("shape", {4}) + list_node("list", "EmptyTensorList", {"shape", "start"}) +
                          loop(list_node("write", "TensorListPushBack", {"l", "item:y:0"})),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Less", "Cast", "Loop"));
}

TEST(Lists, GradientsAreRefusedByName) {
  const Converted run(node("a", "TensorArrayV3", {"n"}, {{"dtype", kFloat}}) + placeholder("n", {}, kInt32) +
                          node("g", "TensorArrayGradV3", {"a", "a:1"}, {{"source", "s: \"gradients\""}}) +
                          node("y", "TensorArrayReadV3", {"g", "n", "g:1"}, {{"dtype", kFloat}}),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(), Contains(HasSubstr("belongs to the gradient of a TensorArray")));
}

}  // namespace
}  // namespace flowport::convert
