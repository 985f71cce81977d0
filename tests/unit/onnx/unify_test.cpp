// Dims that are equal whenever the model runs.
#include "onnx/unify.h"

#include <gtest/gtest.h>

namespace flowport::ir {
namespace {

struct Dims {
  Dim make(const char* name) { return {-1, model.add_symbol(name)}; }
  ValueId value(std::vector<Dim> dims) { return model.add_value(Type::tensor(DType::kFloat, std::move(dims))); }
  Node& node(const char* op, std::vector<ValueId> inputs, Graph* graph = nullptr) {
    auto& nodes = (graph == nullptr ? model.graph : *graph).nodes;
    nodes.push_back({op, "", std::move(inputs), {model.add_value({})}, {}, 0});
    return nodes.back();
  }
  std::string name(ValueId value, std::size_t dim) const {
    return model.symbols[model.values[value].type.dims[dim].symbol];
  }
  Model model;
};

TEST(UnifyDims, OfConcatAllButItsAxis) {
  Dims d;
  const ValueId a = d.value({d.make("a0"), d.make("a1")}), b = d.value({d.make("b0"), d.make("b1")});
  d.node("Concat", {a, b}).set("axis", std::int64_t{-1});
  unify_dims(d.model);
  EXPECT_EQ(d.name(b, 0), "a0");
  EXPECT_EQ(d.name(b, 1), "b1");
}

TEST(UnifyDims, OfMatMulTheInnerOnes) {
  Dims d;
  const ValueId a = d.value({d.make("n"), d.make("k")}), b = d.value({d.make("p"), d.make("q")}),
                v = d.value({d.make("r")});
  d.node("MatMul", {a, b});
  d.node("MatMul", {a, v});
  unify_dims(d.model);
  EXPECT_EQ(d.name(b, 0), "k");
  EXPECT_EQ(d.name(b, 1), "q");
  EXPECT_EQ(d.name(v, 0), "k");
  EXPECT_EQ(d.name(a, 0), "n");
}

TEST(UnifyDims, OfGemmAsItIsTransposed) {
  Dims d;
  const ValueId a = d.value({d.make("a0"), d.make("a1")}), b = d.value({d.make("b0"), d.make("b1")});
  Node& node = d.node("Gemm", {a, b});
  node.set("transA", std::int64_t{1});
  node.set("transB", std::int64_t{1});
  unify_dims(d.model);
  EXPECT_EQ(d.name(b, 1), "a0");
  EXPECT_EQ(d.name(b, 0), "b0");
}

TEST(UnifyDims, OfRecurrentOpsTheBatch) {
  Dims d;
  const ValueId x = d.value({d.make("t"), d.make("n"), {3, 0}}), lengths = d.value({d.make("m")});
  const ValueId state = d.value({{1, 0}, d.make("s"), {4, 0}});
  d.node("LSTM", {x, 0, 0, 0, lengths, state, state});
  unify_dims(d.model);
  EXPECT_EQ(d.name(lengths, 0), "n");
  EXPECT_EQ(d.name(state, 1), "n");
  EXPECT_EQ(d.name(x, 0), "t");
}

TEST(UnifyDims, GoesAlongChainsAndIntoContents) {
  Dims d;
  const Dim last = d.make("a0");
  const ValueId a = d.value({last, {1, 0}});
  const Dim middle = d.make("b0");
  const ValueId b = d.value({middle, {1, 0}});
  const Dim first = d.make("c0");
  const ValueId c = d.value({first, {1, 0}});
  const ValueId shape = d.model.add_value(Type::tensor(DType::kInt64, {{1, 0}}));
  Content content;
  content.elements.push_back({false, 0, first.symbol});
  d.model.values[shape].content = std::make_shared<const Content>(content);
  d.node("Concat", {c, b}).set("axis", std::int64_t{1});
  d.node("Concat", {b, a}).set("axis", std::int64_t{1});
  unify_dims(d.model);
  EXPECT_EQ(d.name(c, 0), "a0");
  EXPECT_EQ(d.name(b, 0), "a0");
  EXPECT_EQ(d.model.values[shape].content->elements[0].symbol, last.symbol);
}

TEST(UnifyDims, NothingFollowsFromWhatMayBroadcastOrNeverRun) {
  Dims d;
  const ValueId a = d.value({d.make("a0"), {2, 0}}), b = d.value({d.make("b0"), {2, 0}});
  d.node("Add", {a, b});
  auto body = std::make_shared<Graph>();
  d.node("Concat", {a, b}, body.get()).set("axis", std::int64_t{1});
  d.node("If", {}).attributes.push_back({"then_branch", body});
  unify_dims(d.model);
  EXPECT_EQ(d.name(b, 0), "b0");
}

TEST(UnifyDims, RanksThatAreUnknownOrDifferSayNothing) {
  Dims d;
  const ValueId a = d.value({d.make("a0"), {2, 0}});
  const ValueId unknown = d.model.add_value(Type::tensor(DType::kFloat));
  d.node("Concat", {unknown, a}).set("axis", std::int64_t{0});
  d.node("MatMul", {unknown, a});
  d.node("MatMul", {a, unknown});
  unify_dims(d.model);
  EXPECT_EQ(d.name(a, 0), "a0");
}

}  // namespace
}  // namespace flowport::ir
