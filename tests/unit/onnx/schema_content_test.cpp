#include <gtest/gtest.h>

#include "schema_model.h"

namespace flowport::ir {
namespace {

constexpr std::int64_t kZero = 0;
constexpr std::int64_t kOne = 1;

class SchemaContent : public testing::Test {
 protected:
  std::string known(std::string op, std::vector<ValueId> inputs, Attributes attributes = {}) {
    return m.content_text(m.emit(std::move(op), std::move(inputs), std::move(attributes)));
  }
  ValueId scalar_of(std::string_view element) { return m.emit("Gather", {m.elements(element), m.scalar(0)}); }
  ValueId bools(std::string_view elements) { return m.emit("Equal", {m.elements(elements), m.ints({1})}); }

  TestModel m;
};

TEST_F(SchemaContent, OfShapes) {
  const ValueId x = m.input("float[N,4,?,8]");
  EXPECT_EQ(known("Shape", {x}), "{N,4,?,8}");
  EXPECT_EQ(known("Shape", {x}, {{"start", std::int64_t{1}}, {"end", std::int64_t{-1}}}), "{4,?}");
  EXPECT_EQ(known("Shape", {x}, {{"start", std::int64_t{-9}}, {"end", std::int64_t{9}}}), "{N,4,?,8}");
  EXPECT_EQ(known("Shape", {x}, {{"start", std::int64_t{3}}, {"end", std::int64_t{1}}}), "{}");
  EXPECT_EQ(known("Shape", {m.input("float")}), "");
  EXPECT_EQ(known("Size", {x}), "");
  EXPECT_EQ(known("Size", {m.input("float[3,4]")}), "12");
  EXPECT_EQ(known("Size", {m.input("float[N,1]")}), "N");
  EXPECT_EQ(known("Size", {m.input("float[N,?,0]")}), "0");
}

TEST_F(SchemaContent, FullyKnownBecomesConstant) {
  const ValueId shape = m.emit("Shape", {m.input("float[2,3]")});
  ASSERT_NE(m.model().values[shape].constant, nullptr);
  EXPECT_EQ(m.model().values[shape].content, nullptr);
  const ValueId narrow = m.emit("Cast", {shape}, {{"to", std::int64_t{6}}});
  EXPECT_EQ(m.model().values[narrow].constant->dtype(), DType::kInt32);
  EXPECT_EQ(m.model().values[narrow].constant->byte_size(), 8U);
  EXPECT_EQ(m.content_text(narrow), "{2,3}");
}

TEST_F(SchemaContent, Gather) {
  const ValueId shape = m.elements("N,4,?");
  EXPECT_EQ(known("Gather", {shape, m.scalar(0)}), "N");
  EXPECT_EQ(known("Gather", {shape, m.scalar(-2)}), "4");
  EXPECT_EQ(known("Gather", {shape, m.ints({1, 0})}), "{4,N}");
  EXPECT_EQ(known("Gather", {shape, m.ints({2, 0})}), "{?,N}");
  EXPECT_EQ(known("Gather", {shape, m.ints({2})}), "");
  EXPECT_EQ(known("Gather", {shape, m.input("int64[]")}), "");
  EXPECT_EQ(known("GatherND", {shape, m.ints({1})}), "4");
  const ValueId column = m.model().add_constant(Constant::ints(Ints{1, 0})->reshaped({2, 1}));
  EXPECT_EQ(known("GatherND", {shape, column}), "{4,N}");
}

TEST_F(SchemaContent, Slice) {
  const ValueId shape = m.elements("N,4,?,8");
  EXPECT_EQ(known("Slice", {shape, m.ints({0}), m.ints({2})}), "{N,4}");
  EXPECT_EQ(known("Slice", {shape, m.ints({-2}), m.ints({INT64_MAX}), m.ints({0})}), "{?,8}");
  EXPECT_EQ(known("Slice", {shape, m.ints({-1}), m.ints({INT64_MIN}), m.ints({-1}), m.ints({-1})}), "{8,?,4,N}");
  EXPECT_EQ(known("Slice", {shape, m.ints({0}), m.ints({9}), m.ints({0}), m.ints({3})}), "{N,8}");
  EXPECT_EQ(known("Slice", {shape, m.ints({3}), m.ints({1})}), "{}");
  EXPECT_EQ(known("Slice", {shape, m.input("int64[1]"), m.ints({1})}), "");
}

TEST_F(SchemaContent, PutTogetherAndTakenApart) {
  const ValueId shape = m.elements("N,4");
  EXPECT_EQ(known("Concat", {shape, m.ints({-1}), m.input("int64[1]")}, {{"axis", kZero}}), "{N,4,-1,?}");
  EXPECT_EQ(known("Concat", {shape, m.input("int64[K]")}, {{"axis", kZero}}), "");
  const ValueId n = scalar_of("N");
  const ValueId vector = m.emit("Unsqueeze", {n, m.ints({0})});
  EXPECT_EQ(m.content_text(vector), "{N}");
  EXPECT_EQ(known("Squeeze", {vector, m.ints({0})}), "N");
  EXPECT_EQ(known("Squeeze", {vector}), "N");
  EXPECT_EQ(known("Reshape", {n, m.ints({1})}), "{N}");
  EXPECT_EQ(known("Reshape", {n, m.ints({-1})}), "{N}");
  EXPECT_EQ(known("Reshape", {vector, m.ints({})}), "N");
  EXPECT_EQ(known("Reshape", {shape, m.ints({2, 1})}), "");
  EXPECT_EQ(known("Identity", {shape}), "{N,4}");
  const auto parts = m.emit_all("Split", {m.elements("N,4,?"), m.ints({1, 2})}, 2);
  EXPECT_EQ(m.content_text(parts[0]), "{N}");
  EXPECT_EQ(m.content_text(parts[1]), "{4,?}");
  const auto even = m.emit_all("Split", {m.elements("N,4,?")}, 2, {{"num_outputs", std::int64_t{2}}});
  EXPECT_EQ(m.content_text(even[0]), "{N,4}");
  EXPECT_EQ(m.content_text(even[1]), "");
}

TEST_F(SchemaContent, CastKeepsSymbolsInTypesOfShapes) {
  const ValueId shape = m.elements("N,300");
  EXPECT_EQ(known("Cast", {shape}, {{"to", std::int64_t{6}}}), "{N,300}");
  EXPECT_EQ(known("Cast", {shape}, {{"to", std::int64_t{5}}}), "{?,300}");
  EXPECT_EQ(known("Cast", {shape}, {{"to", std::int64_t{2}}}), "");
  EXPECT_EQ(known("Cast", {shape}, {{"to", std::int64_t{1}}}), "");
  EXPECT_EQ(known("Cast", {shape}, {{"to", std::int64_t{9}}}), "{?,1}");
}

TEST_F(SchemaContent, Arithmetic) {
  const ValueId shape = m.elements("N,4,?");
  EXPECT_EQ(known("Add", {shape, m.ints({0, 3, 1})}), "{N,7,?}");
  EXPECT_EQ(known("Add", {shape, m.scalar(0)}), "{N,4,?}");
  EXPECT_EQ(known("Sub", {shape, shape}), "{0,0,?}");
  EXPECT_EQ(known("Sub", {shape, m.scalar(5)}), "{?,-1,?}");
  EXPECT_EQ(known("Mul", {shape, m.ints({1, 2, 0})}), "{N,8,0}");
  EXPECT_EQ(known("Div", {shape, m.ints({1, 3, 1})}), "{N,1,?}");
  EXPECT_EQ(known("Div", {m.ints({-7}), m.ints({2})}), "{-3}");
  EXPECT_EQ(known("Div", {shape, m.ints({0})}), "");
  EXPECT_EQ(known("Mod", {m.ints({-7, 7, 7}), m.ints({3, -3, 3})}), "{2,-2,1}");
  EXPECT_EQ(known("Mod", {m.ints({-7, 7, 7}), m.ints({3, -3, 3})}, {{"fmod", kOne}}), "{-1,1,1}");
  EXPECT_EQ(known("Mod", {shape, m.ints({1})}), "{0,0,0}");
  EXPECT_EQ(known("Min", {shape, m.ints({0})}), "{0,0,?}");
  EXPECT_EQ(known("Max", {shape, m.ints({0}), m.ints({-1})}), "{N,4,?}");
  EXPECT_EQ(known("Max", {shape, m.ints({2})}), "{?,4,?}");
  EXPECT_EQ(known("Neg", {shape}), "{?,-4,?}");
  EXPECT_EQ(known("Abs", {m.ints({-3})}), "{3}");
  EXPECT_EQ(known("Clip", {shape, m.scalar(0), m.scalar(3)}), "{?,3,?}");
  EXPECT_EQ(known("Add", {m.ints({INT64_MAX}), m.ints({1})}), "");
  EXPECT_EQ(known("Mul", {scalar_of("N"), m.scalar(1)}), "N");
}

TEST_F(SchemaContent, NumbersOutsideOfTheTypeAreUnknown) {
  const ValueId large = m.emit("Cast", {m.ints({std::int64_t{1} << 20U})}, {{"to", std::int64_t{6}}});
  EXPECT_EQ(m.content_text(large), "{1048576}");
  EXPECT_EQ(known("Mul", {large, large}), "");
}

TEST_F(SchemaContent, ComparisonsAndChoices) {
  const ValueId shape = m.elements("N,4,?");
  EXPECT_EQ(known("Equal", {shape, m.ints({-1})}), "{0,0,?}");
  EXPECT_EQ(known("Equal", {shape, shape}), "{1,1,?}");
  EXPECT_EQ(known("Equal", {shape, m.ints({4})}), "{?,1,?}");
  EXPECT_EQ(known("Less", {shape, m.ints({0})}), "{0,0,?}");
  EXPECT_EQ(known("GreaterOrEqual", {shape, m.ints({0})}), "{1,1,?}");
  EXPECT_EQ(known("Greater", {shape, m.ints({3})}), "{?,1,?}");
  EXPECT_EQ(known("LessOrEqual", {m.ints({0}), shape}), "{1,1,?}");
  EXPECT_EQ(known("Where", {bools("1,2,?"), shape, m.ints({7, 8, 9})}), "{N,8,?}");
  EXPECT_EQ(known("Where", {m.input("bool[3]"), shape, m.elements("N,4,5")}), "{N,4,?}");
  EXPECT_EQ(known("Not", {bools("1,2,?")}), "{0,1,?}");
  EXPECT_EQ(known("And", {bools("1,2,?"), bools("1,1,2")}), "{1,0,0}");
  EXPECT_EQ(known("Or", {bools("1,2,?"), bools("2,2,1")}), "{1,0,1}");
}

TEST_F(SchemaContent, Reductions) {
  EXPECT_EQ(known("ReduceProd", {m.elements("3,N")}, {{"keepdims", kZero}}), "");
  EXPECT_EQ(known("ReduceProd", {m.elements("1,N")}, {{"keepdims", kZero}}), "N");
  EXPECT_EQ(known("ReduceProd", {m.elements("3,4"), m.ints({0})}, {{"keepdims", kZero}}), "12");
  EXPECT_EQ(known("ReduceProd", {m.elements("3,4")}), "{12}");
  EXPECT_EQ(known("ReduceSum", {m.elements("3,4"), m.ints({0})}, {{"keepdims", kZero}}), "7");
  EXPECT_EQ(known("ReduceMax", {m.elements("3,4")}), "{4}");
  EXPECT_EQ(known("ReduceMin", {m.elements("0,N")}), "{0}");
  EXPECT_EQ(known("ReduceSum", {m.elements("N,4")}, {{"noop_with_empty_axes", kOne}}), "{N,4}");
}

TEST_F(SchemaContent, Generated) {
  EXPECT_EQ(known("Range", {m.scalar(2), m.scalar(9), m.scalar(3)}), "{2,5,8}");
  EXPECT_EQ(known("ConstantOfShape", {m.ints({3})}, {{"value", Constant::ints(Ints{7})}}), "{7,7,7}");
  EXPECT_EQ(known("ConstantOfShape", {m.ints({})}, {{"value", Constant::ints(Ints{7})}}), "7");
  EXPECT_EQ(known("ConstantOfShape", {m.ints({3})}), "");
  EXPECT_EQ(known("Expand", {scalar_of("N"), m.ints({2})}), "{N,N}");
  EXPECT_EQ(known("Tile", {m.elements("N,4"), m.ints({2})}), "{N,4,N,4}");
}

TEST_F(SchemaContent, Scattered) {
  const ValueId shape = m.elements("N,4,?");
  EXPECT_EQ(known("ScatterElements", {shape, m.ints({1, -1}), m.ints({7, 8})}), "{N,7,8}");
  EXPECT_EQ(known("ScatterElements", {shape, m.ints({1, 1}), m.ints({7, 8})}), "{N,?,?}");
  EXPECT_EQ(known("ScatterElements", {shape, m.ints({1}), m.ints({7})}, {{"reduction", std::string("add")}}), "");
  const ValueId at = m.model().add_constant(Constant::ints(Ints{2})->reshaped({1, 1}));
  EXPECT_EQ(known("ScatterND", {shape, at, m.elements("M")}), "{N,4,M}");
}

TEST_F(SchemaContent, LongConstantsAreNotShapes) {
  const ValueId table = m.ints(Ints(5000, 1));
  EXPECT_EQ(known("Mul", {table, m.scalar(2)}), "");
}

TEST_F(SchemaContent, AKerasFlatten) {
  // Shape, StridedSlice, Pack, Reshape: the batch stays a symbol all the way.
  const ValueId x = m.input("float[N,7,7,8]");
  const ValueId batch =
      m.emit("Squeeze", {m.emit("Slice", {m.emit("Shape", {x}), m.ints({0}), m.ints({1}), m.ints({0})}), m.ints({0})});
  const ValueId narrow = m.emit("Cast", {batch}, {{"to", std::int64_t{6}}});
  const ValueId first = m.emit("Unsqueeze", {narrow, m.ints({0})});
  const ValueId rest = m.emit("Cast", {m.ints({392})}, {{"to", std::int64_t{6}}});
  const ValueId target =
      m.emit("Cast", {m.emit("Concat", {first, rest}, {{"axis", kZero}})}, {{"to", std::int64_t{7}}});
  EXPECT_EQ(m.content_text(target), "{N,392}");
  EXPECT_EQ(m.type_text(m.emit("Reshape", {x, target})), "float[N,392]");
}

}  // namespace
}  // namespace flowport::ir
