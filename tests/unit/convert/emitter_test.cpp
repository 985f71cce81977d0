// Emitted nodes are checked, typed, computed and adapted; a savepoint makes them a patch.
#include "convert/emitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "running.h"

namespace flowport::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Emission {
  explicit Emission(std::vector<registry::Denial> denials = {}) {
    target.id = "device";
    target.domains[""] = 21;
    target.denials = std::move(denials);
    model.opsets.push_back({"", 21});
  }

  ir::ValueId input(ir::DType dtype, std::vector<ir::Dim> dims = {{2, 0}, {3, 0}}) {
    return model.add_value(ir::Type::tensor(dtype, std::move(dims)), "x");
  }
  std::vector<std::string> ops() const { return Converted::ops_of(model.graph); }

  registry::Registry registry;
  registry::Target target;
  ir::Model model;
  Emitter emitter{model, registry, target};
};

registry::Denial denial(const std::string& op, std::initializer_list<ir::DType> types) {
  registry::Denial denied{"", op, 0, "the device has no such kernel", {}, 0, 0};
  for (const auto type : types) denied.dtypes |= std::uint64_t{1} << static_cast<unsigned>(type);
  return denied;
}

TEST(Emitter, GivesTheOutputItsType) {
  Emission e;
  const auto y = e.emitter.emit(e.model.graph, "Transpose", {e.input(ir::DType::kFloat)});
  ASSERT_TRUE(y.has_value());
  EXPECT_EQ(e.model.values[*y].type, ir::Type::tensor(ir::DType::kFloat, {{3, 0}, {2, 0}}));
}

TEST(Emitter, RefusesWhatTheSchemaDoesNotKnow) {
  Emission e;
  const auto x = e.input(ir::DType::kFloat);
  for (const auto& wrong :
       {e.emitter.emit(e.model.graph, "NoSuchOp", {x}), e.emitter.emit(e.model.graph, "Relu", {x, x}),
        e.emitter.emit(e.model.graph, "Relu", {x}, {{"alpha", 1.0F}})}) {
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().fault, Fault::kInternal);
  }
}

TEST(Emitter, ComputesWhatIsKnown) {
  Emission e;
  const auto a = e.model.add_constant(ir::Constant::ints(std::vector<std::int64_t>{1, 2}));
  const auto b = e.model.add_constant(ir::Constant::ints(std::vector<std::int64_t>{10}));
  const auto y = e.emitter.emit(e.model.graph, "Add", {a, b});
  ASSERT_TRUE(y.has_value());
  ASSERT_NE(e.model.values[*y].constant, nullptr);
  EXPECT_THAT(e.model.values[*y].constant->as_ints(), ElementsAre(11, 12));
}

TEST(Emitter, CastsAroundATypeThatTheTargetDenies) {
  Emission e({denial("Relu", {ir::DType::kInt8})});
  const auto y = e.emitter.emit(e.model.graph, "Relu", {e.input(ir::DType::kInt8)});
  ASSERT_TRUE(y.has_value());
  EXPECT_THAT(e.ops(), ElementsAre("Cast", "Relu", "Cast"));
  EXPECT_EQ(e.model.values[*y].type.dtype, ir::DType::kInt8);
  EXPECT_EQ(e.model.values[e.model.graph.nodes[1].inputs[0]].type.dtype, ir::DType::kInt32);
}

TEST(Emitter, LeavesOtherTypesAlone) {
  Emission e({denial("Relu", {ir::DType::kInt8})});
  ASSERT_TRUE(e.emitter.emit(e.model.graph, "Relu", {e.input(ir::DType::kFloat)}).has_value());
  EXPECT_THAT(e.ops(), ElementsAre("Relu"));
}

TEST(Emitter, CastsAroundATypeThatTheSchemaLacks) {
  Emission e;
  // Conv takes floating types only.
  const auto x = e.input(ir::DType::kInt8, {{1, 0}, {1, 0}, {4, 0}});
  const auto w = e.input(ir::DType::kInt8, {{1, 0}, {1, 0}, {2, 0}});
  const auto y = e.emitter.emit(e.model.graph, "Conv", {x, w});
  ASSERT_TRUE(y.has_value()) << y.error().what;
  EXPECT_THAT(e.ops(), ElementsAre("Cast", "Cast", "Conv", "Cast"));
}

TEST(Emitter, NotesThatDoubleIsComputedAsFloat) {
  Emission e({denial("Relu", {ir::DType::kDouble})});
  ASSERT_TRUE(e.emitter.emit(e.model.graph, "Relu", {e.input(ir::DType::kDouble)}).has_value());
  EXPECT_THAT(e.emitter.take_notes(), ElementsAre(HasSubstr("double")));
  EXPECT_THAT(e.emitter.take_notes(), IsEmpty());
}

TEST(Emitter, RefusesATypeThatNoWiderOneCanStandInFor) {
  Emission e({denial("Relu", {ir::DType::kInt64, ir::DType::kDouble})});
  const auto y = e.emitter.emit(e.model.graph, "Relu", {e.input(ir::DType::kInt64)});
  ASSERT_FALSE(y.has_value());
  EXPECT_EQ(y.error().fault, Fault::kUnsupported);
  EXPECT_THAT(y.error().what, HasSubstr("int64"));
}

TEST(Emitter, RollBackDropsEverythingSinceTheSavepoint) {
  Emission e;
  const auto x = e.input(ir::DType::kFloat);
  e.emitter.set_origin({"kept", "", "h"});
  ASSERT_TRUE(e.emitter.emit(e.model.graph, "Relu", {x}).has_value());
  const auto values = e.model.values.size(), origins = e.model.origins.size();
  const auto point = e.emitter.savepoint(e.model.graph);
  e.emitter.set_origin({"dropped", "", "h"});
  ASSERT_TRUE(e.emitter.emit(e.model.graph, "Exp", {x}).has_value());
  ASSERT_TRUE(e.emitter.emit(e.model.graph, "Neg", {x}).has_value());
  e.emitter.roll_back(point);
  EXPECT_THAT(e.ops(), ElementsAre("Relu"));
  EXPECT_EQ(e.model.values.size(), values);
  EXPECT_EQ(e.model.origins.size(), origins);
  // The origin of what comes next is there.
  ASSERT_TRUE(e.emitter.emit(e.model.graph, "Abs", {x}).has_value());
  EXPECT_EQ(e.model.origins.at(e.model.graph.nodes.back().origin).tf_node, "dropped");
}

TEST(Emitter, AnOriginIsKeptOnlyWhereANodeHasIt) {
  Emission e;
  const auto before = e.model.origins.size();
  e.emitter.set_origin({"a", "", "h"});
  e.emitter.set_origin({"b", "", "h"});
  ASSERT_TRUE(e.emitter.emit(e.model.graph, "Relu", {e.input(ir::DType::kFloat)}).has_value());
  ASSERT_EQ(e.model.origins.size(), before + 1);
  EXPECT_EQ(e.model.origins.back().tf_node, "b");
}

TEST(Emitter, OpsOfACustomDomainNeedASchema) {
  Emission e;
  ir::Node node;
  node.op = "Blur";
  node.domain = "com.example";
  node.inputs = {e.input(ir::DType::kFloat)};
  const auto refused = e.emitter.emit(e.model.graph, node, 1);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().what, HasSubstr("com.example::Blur"));

  registry::CustomSchema schema;
  schema.domain = "com.example";
  schema.op = "Blur";
  schema.min_inputs = schema.max_inputs = 1;
  schema.owner = e.registry.add_owner({"test", "1", "", registry::Layer::kUserPlugin, {}});
  ASSERT_TRUE(e.registry.add_schema(schema).has_value());
  e.target.domains["com.example"] = 1;
  ASSERT_TRUE(e.emitter.emit(e.model.graph, node, 1).has_value());
  EXPECT_EQ(e.model.opset("com.example"), 1);
}

TEST(Emitter, ADomainThatTheTargetDoesNotHaveIsImportedAtTheVersionOfItsNewestOp) {
  Emission e;
  for (const auto& [op, since] : {std::pair{"Blur", 1}, std::pair{"Sharpen", 3}, std::pair{"Edge", 2}}) {
    registry::CustomSchema schema;
    schema.domain = "com.example";
    schema.op = op;
    schema.since_version = since;
    schema.min_inputs = schema.max_inputs = 1;
    schema.owner = e.registry.add_owner({op, "1", "", registry::Layer::kUserPlugin, {}});
    ASSERT_TRUE(e.registry.add_schema(schema).has_value());
    ir::Node node;
    node.op = op;
    node.domain = "com.example";
    node.inputs = {e.input(ir::DType::kFloat)};
    ASSERT_TRUE(e.emitter.emit(e.model.graph, node, 1).has_value());
  }
  EXPECT_EQ(e.model.opset("com.example"), 3);
}

}  // namespace
}  // namespace flowport::convert
