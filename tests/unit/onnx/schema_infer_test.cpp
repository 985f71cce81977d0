#include <gtest/gtest.h>

#include "schema_model.h"

namespace flowport::ir {
namespace {

constexpr std::int64_t kOne = 1;

class AtOpset : public testing::TestWithParam<std::int64_t> {};

TEST_P(AtOpset, TypicalNodes) {
  TestModel m(GetParam());
  const ValueId image = m.input("float[N,3,H,W]");
  const ValueId weights = m.input("float[8,3,3,3]");
  const ValueId conv = m.emit("Conv", {image, weights}, {{"pads", Ints{1, 1, 1, 1}}});
  EXPECT_EQ(m.type_text(conv), "float[N,8,H,W]");
  EXPECT_EQ(m.type_text(m.emit("Relu", {conv})), "float[N,8,H,W]");
  EXPECT_EQ(m.type_text(m.emit("GlobalAveragePool", {conv})), "float[N,8,1,1]");
  EXPECT_EQ(m.type_text(m.emit("Transpose", {conv}, {{"perm", Ints{0, 2, 3, 1}}})), "float[N,H,W,8]");
  EXPECT_EQ(m.type_text(m.emit("MatMul", {m.input("float[N,?,4]"), m.input("float[4,5]")})), "float[N,?,5]");
  EXPECT_EQ(m.type_text(m.emit("Gemm", {m.input("float[N,4]"), m.input("float[4,5]"), m.input("float[5]")})),
            "float[N,5]");
  EXPECT_EQ(m.type_text(m.emit("Cast", {image}, {{"to", std::int64_t{6}}})), "int32[N,3,H,W]");
  EXPECT_EQ(m.type_text(m.emit("Concat", {m.input("float[N,2]"), m.input("float[N,3]")}, {{"axis", kOne}})),
            "float[N,5]");
  EXPECT_EQ(m.type_text(m.emit("Unsqueeze", {m.input("float[N,2]"), m.ints({0, -1})})), "float[1,N,2,1]");
  EXPECT_EQ(m.type_text(m.emit("Squeeze", {m.input("float[N,1,2]"), m.ints({1})})), "float[N,2]");
  EXPECT_EQ(m.type_text(m.emit("Gather", {m.input("float[100,8]"), m.input("int32[N,T]")})), "float[N,T,8]");
  EXPECT_EQ(m.type_text(m.emit("Where", {m.input("bool[N,1]"), m.input("float[]"), m.input("float[1,4]")})),
            "float[N,4]");
  EXPECT_EQ(m.type_text(m.emit("NonZero", {m.input("bool[N,4]")})), "int64[2,?]");
  EXPECT_EQ(m.type_text(m.emit("Softmax", {m.input("float")})), "float");
}

TEST_P(AtOpset, Broadcasting) {
  TestModel m(GetParam());
  const auto added = [&](std::string_view a, std::string_view b) {
    return m.type_text(m.emit("Add", {m.input(a), m.input(b)}));
  };
  EXPECT_EQ(added("float[N,1]", "float[1,M]"), "float[N,M]");
  EXPECT_EQ(added("float[N]", "float[N]"), "float[N]");
  EXPECT_EQ(added("float[N]", "float[M]"), "float[?]");
  EXPECT_EQ(added("float[N]", "float[4]"), "float[4]");
  EXPECT_EQ(added("float[N]", "float[?]"), "float[?]");
  EXPECT_EQ(added("float[2,N]", "float[]"), "float[2,N]");
  EXPECT_EQ(added("float[2]", "float"), "float");
}

INSTANTIATE_TEST_SUITE_P(SchemaInfer, AtOpset, testing::Values(13, 18, 21, 28));

TEST(SchemaInfer, ReportsConflicts) {
  TestModel m;
  const auto inferred = infer_node(m.model(), m.node("Add", {m.input("float[2]"), m.input("float[3]")}));
  ASSERT_FALSE(inferred);
  EXPECT_EQ(inferred.error().what, "Incompatible dimensions");
  const auto unknown = infer_node(m.model(), m.node("Rellu", {}));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().what.substr(0, 32), "domain ai.onnx has no op Rellu; ");
}

TEST(SchemaInfer, RefusesNodesThatLackInputs) {
  TestModel m;
  EXPECT_EQ(infer_node(m.model(), m.node("Conv", {m.input("float[1,2,3]")})).error().what,
            "Conv has 1 inputs; at least 2 are needed");
  EXPECT_EQ(infer_node(m.model(), m.node("Conv", {m.input("float[1,2,3]"), 0})).error().what,
            "input 1 of Conv is missing");
}

TEST(SchemaInfer, UntypedInputsOfCustomOpsAreNoError) {
  TestModel m;
  const ValueId custom = m.input("?");
  EXPECT_EQ(m.type_text(m.emit("Relu", {custom})), "?");
  EXPECT_EQ(m.type_text(m.emit("Add", {custom, m.input("float[2]")})), "float");
  EXPECT_EQ(m.type_text(m.emit("Shape", {custom})), "int64");
  EXPECT_EQ(m.type_text(m.emit("Reshape", {custom, m.ints({2, 3})})), "?");
}

TEST(SchemaInfer, KeepsWhatInferenceDoesNotSay) {
  TestModel m;
  const Node node = m.node("Relu", {m.input("float[?,4,N]")});
  m.model().values[node.outputs[0]].type = m.type("float[2,?,M]");
  EXPECT_EQ(m.type_text(m.run(node).front()), "float[2,4,N]");
  const Node unranked = m.node("Relu", {m.input("float")});
  m.model().values[unranked.outputs[0]].type = m.type("float[7]");
  EXPECT_EQ(m.type_text(m.run(unranked).front()), "float[7]");
}

TEST(SchemaInfer, SkipsOutputsThatAreNotAskedFor) {
  TestModel m;
  Node node = m.node("TopK", {m.input("float[N,9]"), m.ints({3})}, {}, 2);
  node.outputs[0] = 0;
  EXPECT_TRUE(infer_node(m.model(), node));
  EXPECT_EQ(m.type_text(node.outputs[1]), "int64[N,3]");
  EXPECT_EQ(m.type_text(0), "?");
}

TEST(SchemaInfer, FunctionOpsGetTheirTypes) {
  TestModel m(24);
  EXPECT_EQ(m.type_text(m.emit("Gelu", {m.input("float[N,4]")})), "float[N,4]");
  EXPECT_EQ(m.type_text(m.emit("Swish", {m.input("float[N,4]")})), "float[N,4]");
  EXPECT_EQ(m.type_text(m.emit("HardSwish", {m.input("float[N,4]")})), "float[N,4]");
  EXPECT_EQ(m.type_text(m.emit("LayerNormalization", {m.input("float[N,4]"), m.input("float[4]")})), "float[N,4]");
}

TEST(SchemaInfer, WhereTheLibraryIsMissingOrWrong) {
  TestModel m(24);
  EXPECT_EQ(m.type_text(m.emit("GreaterOrEqual", {m.input("float[N,1]"), m.input("float[4]")})), "bool[N,4]");
  EXPECT_EQ(m.type_text(m.emit("LessOrEqual", {m.input("float[N]"), m.input("float[M]")})), "bool[?]");
  EXPECT_EQ(m.type_text(m.emit("LessOrEqual", {m.input("float"), m.input("float[M]")})), "bool");
  EXPECT_FALSE(infer_node(m.model(), m.node("LessOrEqual", {m.input("float[2]"), m.input("float[3]")})));
  EXPECT_EQ(m.type_text(m.emit("MeanVarianceNormalization", {m.input("float[N,3,4,4]")})), "float[N,3,4,4]");
  const ValueId scale = m.input("float[4]");
  EXPECT_EQ(m.type_text(m.emit("GroupNormalization", {m.input("float[N,4,H,W]"), scale, scale},
                               {{"num_groups", std::int64_t{2}}})),
            "float[N,4,H,W]");
  const ValueId signal = m.input("float[N,128,1]");
  EXPECT_EQ(m.type_text(m.emit("STFT", {signal, m.scalar(8), m.input("float[16]")})), "float[N,15,9,2]");
  EXPECT_EQ(m.type_text(m.emit("STFT", {signal, m.scalar(8), 0, m.scalar(16)}, {{"onesided", std::int64_t{0}}})),
            "float[N,15,16,2]");
  const ValueId heads = m.input("float[N,T,24]");
  const Attributes attributes = {{"q_num_heads", std::int64_t{3}}, {"kv_num_heads", std::int64_t{3}}};
  EXPECT_EQ(m.type_text(m.emit("Attention", {heads, heads, m.input("float[N,T,V]")}, attributes)), "float[N,T,?]");
}

TEST(SchemaInfer, SequencesAndOptionals) {
  TestModel m;
  const ValueId sequence = m.emit("SequenceConstruct", {m.input("float[N,4]"), m.input("float[N,4]")});
  EXPECT_EQ(m.type_text(sequence), "seq float[N,4]");
  EXPECT_EQ(m.type_text(m.emit("SequenceAt", {sequence, m.scalar(0)})), "float[N,4]");
  EXPECT_EQ(m.type_text(m.emit("SequenceLength", {sequence})), "int64[]");
  EXPECT_EQ(m.type_text(m.emit("SequenceEmpty", {}, {{"dtype", std::int64_t{7}}})), "seq int64");
  EXPECT_EQ(m.type_text(m.emit("Optional", {m.input("float[N]")})), "optional float[N]");
  EXPECT_EQ(m.type_text(m.emit("OptionalGetElement", {m.input("optional float[N]")})), "float[N]");
}

TEST(SchemaInfer, Constants) {
  TestModel m;
  EXPECT_EQ(m.type_text(m.emit("Constant", {}, {{"value", Constant::floats({2}, std::vector<float>{1, 2})}})),
            "float[2]");
  const ValueId ints = m.emit("Constant", {}, {{"value_ints", Ints{4, 5}}});
  EXPECT_EQ(m.type_text(ints), "int64[2]");
  EXPECT_EQ(m.content_text(ints), "{4,5}");
  const ValueId value = m.emit("Constant", {}, {{"value", Constant::ints(Ints{6})}});
  EXPECT_EQ(m.content_text(value), "{6}");
  const ValueId number = m.emit("Constant", {}, {{"value_float", 0.5F}});
  EXPECT_EQ(m.type_text(number), "float[]");
  EXPECT_EQ(m.model().values[number].constant->as_doubles(), std::vector<double>{0.5});
  const ValueId texts = m.emit("Constant", {}, {{"value_strings", std::vector<std::string>{"a", "b"}}});
  EXPECT_EQ(m.type_text(texts), "string[2]");
  EXPECT_EQ(m.model().values[texts].constant->strings().at(1), "b");
}

TEST(SchemaInfer, ReshapeKeepsSymbols) {
  TestModel m;
  const auto reshaped = [&](std::string_view type, ValueId target, std::int64_t allowzero = 0) {
    return m.type_text(m.emit("Reshape", {m.input(type), target}, {{"allowzero", allowzero}}));
  };
  EXPECT_EQ(reshaped("float[N,4,8]", m.elements("N,32")), "float[N,32]");
  EXPECT_EQ(reshaped("float[N,4,8]", m.ints({-1, 32})), "float[N,32]");
  EXPECT_EQ(reshaped("float[N,4,8]", m.ints({-1, 32}), 1), "float[N,32]");
  EXPECT_EQ(reshaped("float[N,4,8]", m.ints({0, -1})), "float[N,32]");
  EXPECT_EQ(reshaped("float[?,4,8]", m.ints({0, -1})), "float[?,32]");
  EXPECT_EQ(reshaped("float[N,4,8]", m.ints({-1, 8})), "float[?,8]");
  EXPECT_EQ(reshaped("float[N,M,8]", m.elements("M,N,?")), "float[M,N,8]");
  EXPECT_EQ(reshaped("float[N,M,8]", m.elements("?,8,N")), "float[M,8,N]");
  EXPECT_EQ(reshaped("float[N,M]", m.ints({-1})), "float[?]");
  EXPECT_EQ(reshaped("float[2,3]", m.ints({-1})), "float[6]");
  EXPECT_EQ(reshaped("float", m.elements("N,?,3")), "float[N,?,3]");
  EXPECT_EQ(reshaped("float[N]", m.input("int64[3]")), "float[?,?,?]");
  EXPECT_EQ(reshaped("float[N]", m.input("int64[K]")), "float");
  EXPECT_EQ(reshaped("float[0,3]", m.ints({0, 5}), 1), "float[0,5]");
  EXPECT_FALSE(infer_node(m.model(), m.node("Reshape", {m.input("float[2,3]"), m.ints({4, -1})})));
  EXPECT_FALSE(infer_node(m.model(), m.node("Reshape", {m.input("float[2]"), m.ints({2, 0})})));
}

TEST(SchemaInfer, ShapesFromPartlyKnownContent) {
  TestModel m;
  EXPECT_EQ(m.type_text(m.emit("Expand", {m.input("float[1,4]"), m.elements("N,1")})), "float[N,4]");
  EXPECT_EQ(m.type_text(m.emit("Expand", {m.input("float[3]"), m.elements("?,1")})), "float[?,3]");
  EXPECT_EQ(m.type_text(m.emit("ConstantOfShape", {m.elements("N,3,?")})), "float[N,3,?]");
  EXPECT_EQ(m.type_text(m.emit("Tile", {m.input("float[1,4,N]"), m.elements("M,2,1")})), "float[M,8,N]");
  EXPECT_EQ(m.type_text(m.emit("Tile", {m.input("float[1,4,N]"), m.input("int64[3]")})), "float[?,?,?]");
  const ValueId n = m.emit("Gather", {m.elements("N,2"), m.scalar(0)});
  EXPECT_EQ(m.type_text(m.emit("Range", {m.scalar(0), n, m.scalar(1)})), "int64[N]");
  EXPECT_EQ(m.type_text(m.emit("Range", {m.scalar(2), n, m.scalar(1)})), "int64[?]");
  EXPECT_EQ(m.type_text(m.emit("Range", {m.scalar(9), m.scalar(2), m.scalar(-3)})), "int64[3]");
  EXPECT_EQ(m.type_text(m.emit("Range", {m.scalar(9), m.scalar(2), m.scalar(3)})), "int64[0]");
  EXPECT_EQ(m.type_text(m.emit("OneHot", {m.input("int64[M]"), n, m.input("float[2]")})), "float[M,N]");
  EXPECT_EQ(m.type_text(m.emit_all("TopK", {m.input("float[M,9]"), m.elements("N")}, 2)[0]), "float[M,N]");
  EXPECT_EQ(m.type_text(m.emit("Resize", {m.input("float[N,3,H,W]"), 0, 0, m.elements("N,3,H,8")})), "float[N,3,H,8]");
  EXPECT_EQ(m.type_text(m.emit("Resize", {m.input("float[N,3,H,4]"), 0, m.floats({4}, {1, 1, 2, 2})})),
            "float[N,3,?,8]");
}

TEST(SchemaInfer, GatherND) {
  TestModel m;
  const auto gathered = [&](std::string_view data, std::string_view indices, std::int64_t batch_dims = 0) {
    return m.type_text(m.emit("GatherND", {m.input(data), m.input(indices)}, {{"batch_dims", batch_dims}}));
  };
  EXPECT_EQ(gathered("float[N]", "int64[1]"), "float[]");
  EXPECT_EQ(gathered("float[N,M,3]", "int64[K,2]"), "float[K,3]");
  EXPECT_EQ(gathered("float[N,M,3]", "int64[N,1]", 1), "float[N,3]");
  EXPECT_EQ(gathered("float[N,M,3]", "int64[K,?]"), "float");
}

TEST(SchemaInfer, SliceKeepsSymbols) {
  TestModel m;
  const auto sliced = [&](std::string_view type, ValueId starts, ValueId ends, ValueId axes, ValueId steps) {
    return m.type_text(m.emit("Slice", {m.input(type), starts, ends, axes, steps}));
  };
  EXPECT_EQ(sliced("float[N,9]", m.ints({2}), m.ints({7}), m.ints({1}), m.ints({2})), "float[N,3]");
  EXPECT_EQ(sliced("float[N,9]", m.ints({0}), m.ints({INT64_MAX}), m.ints({0}), m.ints({1})), "float[N,9]");
  EXPECT_EQ(sliced("float[N,9]", m.ints({1}), m.ints({INT64_MAX}), m.ints({0}), m.ints({1})), "float[?,9]");
  EXPECT_EQ(sliced("float[N,9]", m.ints({0}), m.elements("N"), m.ints({0}), 0), "float[N,9]");
  EXPECT_EQ(sliced("float[N,9]", m.ints({0}), m.elements("M"), m.ints({0}), 0), "float[?,9]");
  EXPECT_EQ(sliced("float[N,9]", m.input("int64[1]"), m.ints({5}), m.ints({-1}), 0), "float[N,?]");
  EXPECT_EQ(sliced("float[N,9]", m.input("int64[1]"), m.ints({5}), m.input("int64[1]"), 0), "float[?,?]");
  EXPECT_EQ(sliced("float[9]", m.ints({-1}), m.ints({INT64_MIN}), m.ints({0}), m.ints({-1})), "float[9]");
  EXPECT_EQ(sliced("float[9]", m.ints({7}), m.ints({2}), m.ints({0}), m.ints({-2})), "float[3]");
  EXPECT_EQ(sliced("float[9]", m.ints({0}), m.ints({9}), m.ints({0}), m.ints({INT64_MAX})), "float[1]");
  EXPECT_EQ(sliced("float[9]", m.ints({8}), m.ints({0}), m.ints({0}), m.ints({INT64_MIN})), "float[1]");
}

TEST(SchemaInfer, PadAndSplit) {
  TestModel m(18);
  EXPECT_EQ(m.type_text(m.emit("Pad", {m.input("float[N,4]"), m.ints({0, 1, 0, 2})})), "float[N,7]");
  EXPECT_EQ(m.type_text(m.emit("Pad", {m.input("float[N,4]"), m.ints({1, 2}), 0, m.ints({1})})), "float[N,7]");
  EXPECT_EQ(m.type_text(m.emit("Pad", {m.input("float[N,4]"), m.elements("0,1,?,2")})), "float[?,7]");
  const auto parts = m.emit_all("Split", {m.input("float[N,?]"), m.elements("M,3")}, 2, {{"axis", kOne}});
  EXPECT_EQ(m.type_text(parts[0]), "float[N,M]");
  EXPECT_EQ(m.type_text(parts[1]), "float[N,3]");
  const auto even = m.emit_all("Split", {m.input("float[N,6]")}, 3, {{"axis", kOne}, {"num_outputs", std::int64_t{3}}});
  EXPECT_EQ(m.type_text(even[2]), "float[N,2]");
}

TEST(SchemaInfer, WindowsOfStrideOneKeepSymbols) {
  TestModel m;
  const ValueId x = m.input("float[N,8,H,?]");
  const ValueId w = m.input("float[8,8,3,3]");
  EXPECT_EQ(m.type_text(m.emit("Conv", {x, w}, {{"auto_pad", std::string("SAME_UPPER")}})), "float[N,8,H,?]");
  EXPECT_EQ(m.type_text(m.emit("Conv", {x, w}, {{"pads", Ints{2, 2, 2, 2}}, {"dilations", Ints{2, 2}}})),
            "float[N,8,H,?]");
  EXPECT_EQ(m.type_text(m.emit("Conv", {x, w})), "float[N,8,?,?]");
  EXPECT_EQ(m.type_text(m.emit("Conv", {x, w}, {{"auto_pad", std::string("SAME_UPPER")}, {"strides", Ints{2, 2}}})),
            "float[N,8,?,?]");
  EXPECT_EQ(m.type_text(m.emit("MaxPool", {x}, {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{1, 1, 1, 1}}})),
            "float[N,8,H,?]");
}

}  // namespace
}  // namespace flowport::ir
