#include "write/write.h"

#include <cmath>

#include "fixture.h"

namespace flowport::write {
namespace {

using Files = std::vector<std::string>;

/// y = Relu(x + weight)
Builder add_relu() {
  Builder builder;
  const auto x = builder.input("x");
  const auto from = builder.origin("block/Add", "call/f", "flowport.math/add");
  const auto sum = builder.node("Add", {x, builder.floats({1, 2}, "weight")}, nullptr, from);
  builder.output(builder.node("Relu", {sum}), "y");
  return builder;
}

TEST_F(WriteTest, WritesTheModelAsItIs) {
  Builder builder = add_relu();
  builder.model.producer_version = "1.2.3";
  builder.model.metadata = {{"source", "digits"}};
  builder.model.opsets.push_back({"com.example", 3});
  const WriteSummary summary = write(builder.model);

  const onnx::ModelProto proto = load();
  EXPECT_EQ(proto.ir_version(), 10);
  EXPECT_EQ(proto.producer_name(), "flowport");
  EXPECT_EQ(proto.producer_version(), "1.2.3");
  ASSERT_EQ(proto.opset_import_size(), 2);
  EXPECT_EQ(proto.opset_import(0).domain(), "");
  EXPECT_EQ(proto.opset_import(0).version(), 21);
  EXPECT_EQ(proto.opset_import(1).domain(), "com.example");
  ASSERT_EQ(proto.metadata_props_size(), 1);
  EXPECT_EQ(proto.metadata_props(0).key(), "source");
  EXPECT_EQ(proto.metadata_props(0).value(), "digits");

  const onnx::GraphProto& graph = proto.graph();
  EXPECT_EQ(graph.name(), "test");
  ASSERT_EQ(graph.node_size(), 2);
  EXPECT_EQ(graph.node(0).op_type(), "Add");
  EXPECT_EQ(graph.node(0).input(0), "x");
  EXPECT_EQ(graph.node(0).input(1), "weight");
  EXPECT_EQ(graph.node(1).input(0), graph.node(0).output(0));
  EXPECT_EQ(graph.node(1).output(0), "y");
  EXPECT_FALSE(graph.node(1).has_domain());
  ASSERT_EQ(graph.initializer_size(), 1);
  EXPECT_EQ(graph.initializer(0).name(), "weight");
  EXPECT_EQ(graph.value_info_size(), 0);

  EXPECT_EQ(summary.bytes, std::filesystem::file_size(path()));
  EXPECT_EQ(summary.external_bytes, 0U);
  EXPECT_TRUE(summary.data_path.empty());
  EXPECT_EQ(summary.nodes, 2U);
  EXPECT_EQ(summary.initializers, 1U);
  EXPECT_EQ(summary.ops, (std::map<std::string, std::size_t>{{"Add", 1}, {"Relu", 1}}));
  EXPECT_EQ(files(), Files{"model.onnx"});
}

TEST_F(WriteTest, GivesEqualBytesForEqualModels) {
  Builder first = add_relu();
  Builder second = add_relu();
  write(first.model);
  const std::string bytes = read_file(path());
  write(second.model);
  EXPECT_EQ(read_file(path()), bytes);
  write(second.model);
  EXPECT_EQ(read_file(path()), bytes) << "a finished model is finished again";
}

TEST_F(WriteTest, TellsWhereNodesComeFrom) {
  Builder builder = add_relu();
  write(builder.model);
  const onnx::ModelProto proto = load();
  const onnx::NodeProto& add = proto.graph().node(0);
  ASSERT_EQ(add.metadata_props_size(), 3);
  EXPECT_EQ(add.metadata_props(0).key(), "flowport.tf_node");
  EXPECT_EQ(add.metadata_props(0).value(), "block/Add");
  EXPECT_EQ(add.metadata_props(1).key(), "flowport.path");
  EXPECT_EQ(add.metadata_props(1).value(), "call/f");
  EXPECT_EQ(add.metadata_props(2).key(), "flowport.handler");
  EXPECT_EQ(add.metadata_props(2).value(), "flowport.math/add");
  EXPECT_FALSE(add.has_doc_string());
  EXPECT_EQ(proto.graph().node(1).metadata_props_size(), 0) << "nothing is known of it";
}

TEST_F(WriteTest, TellsItInDocStringsBeforeIr10) {
  Builder builder = add_relu();
  builder.model.ir_version = 9;
  builder.model.opsets = {{"", 19}};
  write(builder.model);
  const onnx::ModelProto proto = load();
  EXPECT_EQ(proto.graph().node(0).metadata_props_size(), 0);
  EXPECT_EQ(proto.graph().node(0).doc_string(),
            "flowport.tf_node=block/Add\nflowport.path=call/f\nflowport.handler=flowport.math/add");
  EXPECT_FALSE(proto.graph().node(1).has_doc_string());
}

TEST_F(WriteTest, KeepsQuietWithoutProvenance) {
  for (const std::int64_t ir_version : {9, 10}) {
    Builder builder = add_relu();
    builder.model.ir_version = ir_version;
    write(builder.model, {.provenance = false});
    const onnx::ModelProto proto = load();
    EXPECT_EQ(proto.graph().node(0).metadata_props_size(), 0);
    EXPECT_FALSE(proto.graph().node(0).has_doc_string());
  }
}

TEST_F(WriteTest, WritesDimsAsNumbersNamesAndUnknown) {
  Builder builder;
  const auto n = builder.model.add_symbol("N");
  const auto x =
      builder.model.add_value(ir::Type::tensor(ir::DType::kFloat16, {{-1, n}, {3, 0}, {-1, 0}, {0, 0}}), "x");
  builder.model.graph.inputs = {x};
  builder.output(builder.node("Relu", {x}), "y");
  builder.model.values[builder.model.graph.outputs[0]].type = builder.model.values[x].type;
  write(builder.model);
  const onnx::ModelProto proto = load();
  for (const onnx::ValueInfoProto& info : {proto.graph().input(0), proto.graph().output(0)}) {
    const auto& tensor = info.type().tensor_type();
    EXPECT_EQ(tensor.elem_type(), onnx::TensorProto::FLOAT16);
    ASSERT_EQ(tensor.shape().dim_size(), 4);
    EXPECT_EQ(tensor.shape().dim(0).dim_param(), "N");
    EXPECT_EQ(tensor.shape().dim(1).dim_value(), 3);
    EXPECT_EQ(tensor.shape().dim(2).value_case(), onnx::TensorShapeProto::Dimension::VALUE_NOT_SET);
    EXPECT_TRUE(tensor.shape().dim(3).has_dim_value());
  }
}

TEST_F(WriteTest, WritesNoShapeForUnknownRankAndAnEmptyOneForScalars) {
  Builder builder;
  const auto x = builder.model.add_value(ir::Type::tensor(ir::DType::kFloat), "x");
  builder.model.graph.inputs = {x};
  const auto scalar = builder.input("s", {});
  builder.output(builder.node("Add", {x, scalar}), "y");
  builder.model.values[builder.model.graph.outputs[0]].type = ir::Type::tensor(ir::DType::kFloat);
  write(builder.model);
  const onnx::ModelProto proto = load();
  EXPECT_FALSE(proto.graph().input(0).type().tensor_type().has_shape());
  EXPECT_TRUE(proto.graph().input(1).type().tensor_type().has_shape());
  EXPECT_EQ(proto.graph().input(1).type().tensor_type().shape().dim_size(), 0);
  EXPECT_FALSE(proto.graph().output(0).type().tensor_type().has_shape());
}

TEST_F(WriteTest, WritesSequencesAndOptionals) {
  Builder builder;
  ir::Type sequence = Builder::type(ir::DType::kInt64, {3});
  sequence.kind = ir::Type::Kind::kSequence;
  ir::Type optional = Builder::type(ir::DType::kString, {4});
  optional.kind = ir::Type::Kind::kOptional;
  const auto s = builder.model.add_value(sequence, "s");
  const auto o = builder.model.add_value(optional, "o");
  builder.model.graph.inputs = {s, o};
  builder.output(builder.node("SequenceLength", {s}, nullptr, 0, ir::DType::kInt64), "length");
  builder.output(builder.node("OptionalHasElement", {o}, nullptr, 0, ir::DType::kBool), "has");
  write(builder.model);
  const onnx::ModelProto proto = load();
  const auto& sequence_type = proto.graph().input(0).type().sequence_type().elem_type().tensor_type();
  EXPECT_EQ(sequence_type.elem_type(), onnx::TensorProto::INT64);
  EXPECT_EQ(sequence_type.shape().dim(0).dim_value(), 3);
  const auto& optional_type = proto.graph().input(1).type().optional_type().elem_type().tensor_type();
  EXPECT_EQ(optional_type.elem_type(), onnx::TensorProto::STRING);
  EXPECT_EQ(optional_type.shape().dim(0).dim_value(), 4);
}

TEST_F(WriteTest, WritesAttributesOfEveryKind) {
  Builder builder;
  const auto y = builder.node("Frob", {builder.input("x")});
  builder.model.opsets.push_back({"com.example", 1});
  ir::Node& node = builder.model.graph.nodes[0];
  node.domain = "com.example";
  node.set("i", std::int64_t{-5});
  node.set("f", 0.25F);
  node.set("s", std::string("text"));
  node.set("is", std::vector<std::int64_t>{1, -1});
  node.set("fs", std::vector<float>{1.5F, -0.0F});
  node.set("ss", std::vector<std::string>{"a", ""});
  node.set("t", ir::Constant::int_scalar(7));
  node.set("none", std::vector<std::int64_t>{});
  builder.output(y, "y");
  write(builder.model);

  const onnx::ModelProto proto = load();
  const onnx::NodeProto& written = proto.graph().node(0);
  EXPECT_EQ(written.domain(), "com.example");
  ASSERT_EQ(written.attribute_size(), 8);
  const auto expect = [&](int index, const char* name, onnx::AttributeProto::AttributeType type) {
    EXPECT_EQ(written.attribute(index).name(), name);
    EXPECT_EQ(written.attribute(index).type(), type) << name;
    return written.attribute(index);
  };
  EXPECT_EQ(expect(0, "i", onnx::AttributeProto::INT).i(), -5);
  EXPECT_EQ(expect(1, "f", onnx::AttributeProto::FLOAT).f(), 0.25F);
  EXPECT_EQ(expect(2, "s", onnx::AttributeProto::STRING).s(), "text");
  const auto ints = expect(3, "is", onnx::AttributeProto::INTS);
  EXPECT_EQ(std::vector<std::int64_t>(ints.ints().begin(), ints.ints().end()), (std::vector<std::int64_t>{1, -1}));
  const auto floats = expect(4, "fs", onnx::AttributeProto::FLOATS);
  ASSERT_EQ(floats.floats_size(), 2);
  EXPECT_EQ(floats.floats(0), 1.5F);
  EXPECT_TRUE(std::signbit(floats.floats(1)));
  const auto strings = expect(5, "ss", onnx::AttributeProto::STRINGS);
  EXPECT_EQ(std::vector<std::string>(strings.strings().begin(), strings.strings().end()), (Files{"a", ""}));
  const auto tensor = expect(6, "t", onnx::AttributeProto::TENSOR).t();
  EXPECT_EQ(tensor.data_type(), onnx::TensorProto::INT64);
  EXPECT_EQ(tensor.raw_data(), std::string("\7\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(expect(7, "none", onnx::AttributeProto::INTS).ints_size(), 0);
}

TEST_F(WriteTest, KeepsPlacesOfAbsentInputsAndOutputs) {
  Builder builder;
  const auto x = builder.input("x");
  const auto y = builder.node("Clip", {x, 0, builder.model.add_constant(ir::Constant::floats({}, std::vector{6.0F}))});
  builder.output(builder.node("Dropout", {y}), "z");
  builder.model.graph.nodes[1].outputs.push_back(0);
  write(builder.model);
  const onnx::ModelProto proto = load();
  ASSERT_EQ(proto.graph().node(0).input_size(), 3);
  EXPECT_EQ(proto.graph().node(0).input(1), "");
  ASSERT_EQ(proto.graph().node(1).output_size(), 2);
  EXPECT_EQ(proto.graph().node(1).output(1), "");
}

}  // namespace
}  // namespace flowport::write
