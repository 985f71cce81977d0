// FakeHost runs handlers as the host would and shows what they said.
#include <flowport/complex.hpp>
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>
#include <flowport/testing.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

namespace {

using flowport::DType;
using flowport::Handler;
using flowport::Ints;
using flowport::Node;
using flowport::TypeSpec;
using flowport::Value;
using flowport::testing::FakeHost;
using flowport::testing::GivenNode;
using flowport::testing::known_ints;
using flowport::testing::of_type;
using flowport::testing::Outcome;

void cube(const Node& node) {
  const Value x = node.input(0);
  node.bind(x * x * x + 1.0);
}
void transposed(const Node& node) {
  const auto perm = node.input("perm").ints();
  node.bind(transpose(node.input("x"), *perm));
}
void declines(const Node& node) { node.decline("not for me"); }
void throws(const Node&) { throw std::runtime_error("boom"); }
void binds_nothing(const Node& node) { node.note("nothing to do"); }
void wrong_type(const Node& node) { node.bind(cast(node.input(0), DType::kInt64)); }
void clipped(const Node& node) {
  const Value x = node.input(0);
  const auto then_branch = node.body({}, [&](const auto&) { return std::vector{relu(x)}; });
  const auto else_branch = node.body({}, [&](const auto&) { return std::vector{-x}; });
  node.bind(node.emit("If", {node.input(1)}, {{"then_branch", then_branch}, {"else_branch", else_branch}}));
}
void blurs(const Node& node) {
  node.bind(node.emit("Blur", {node.input(0)}, {{"sigma", node.attr<float>("sigma")}}, "com.example"));
}
void names_its_option(const Node& node) { node.bind(node.strings({1}, {node.option("style").value_or("none")})); }
void bypasses(const Node& node) {
  const auto maker = node.producer(node.input(0));
  if (!maker || maker->op() != "Neg") node.decline("the input is not negated");
  node.bind(abs(maker->input(0)));
}

constexpr Handler kHandlers[] = {
    flowport::handler<cube>("Cube"),
    flowport::handler<transposed>("Flip", {.const_inputs = flowport::inputs_known(1)}),
    flowport::handler<declines>("Round", {.opset_min = 18, .id = "new"}),
    flowport::handler<cube>("Round", {.opset_min = 13, .id = "old"}),
    flowport::handler<throws>("Throws"),
    flowport::handler<binds_nothing>("Nothing"),
    flowport::handler<wrong_type>("WrongType"),
    flowport::handler<clipped>("Clipped"),
    flowport::handler<blurs>("Blurs"),
    flowport::handler<names_its_option>("Option"),
    flowport::handler<bypasses>("Bypass"),
};
constexpr flowport_schema_attr kSigma[] = {{"sigma", FLOWPORT_ATTR_FLOAT, 1}};
constexpr flowport_schema kSchemas[] = {
    {"com.example", "Blur", 1, 1, 1, 1, 1, 0, flowport::table_of(kSigma), nullptr, nullptr}};
constexpr flowport_plugin kPlugin =
    flowport::describe({.id = "test", .version = "1", .summary = "", .license = ""}, kHandlers, {}, kSchemas);

GivenNode floats(const std::string& op) {
  GivenNode node(op);
  node.input(of_type(DType::kFloat, Ints{-1, 4})).output(DType::kFloat);
  return node;
}

TEST(FakeHost, shows_what_was_emitted) {
  const Outcome done = FakeHost().convert(kPlugin, floats("Cube"));
  EXPECT_EQ(done.status, FLOWPORT_OK) << done.reason;
  EXPECT_EQ(done.text, "v0 = Mul(x0, x0)\nv1 = Mul(v0, x0)\nv2 = Add(v1, float{1})\ny0 = v2\n");
  EXPECT_EQ(done.outputs.at(0).dims, (Ints{-1, 4}));
}

TEST(FakeHost, checks_that_inputs_are_known) {
  GivenNode node("Flip");
  node.input("x", of_type(DType::kFloat, Ints{2, 3})).output(DType::kFloat);
  GivenNode unknown = node;
  const Outcome refused = FakeHost().convert(kPlugin, unknown.input("perm", of_type(DType::kInt32, Ints{2})));
  EXPECT_EQ(refused.status, FLOWPORT_DECLINED);
  EXPECT_EQ(refused.reason, "input 1 must be known when converting");
  const Outcome done = FakeHost().convert(kPlugin, node.input("perm", known_ints({1, 0})));
  EXPECT_EQ(done.text, "v0 = Transpose<perm = [1, 0]>(x0)\ny0 = v0\n");
  EXPECT_EQ(done.outputs.at(0).dims, (Ints{3, 2}));
}

TEST(FakeHost, asks_the_next_row_where_one_declines) {
  EXPECT_TRUE(FakeHost(21).convert(kPlugin, floats("Round")));
  const Outcome first = FakeHost(21).convert(kHandlers[2], floats("Round"));
  EXPECT_EQ(first.status, FLOWPORT_DECLINED);
  EXPECT_EQ(first.reason, "not for me");
  EXPECT_EQ(FakeHost(12).convert(kPlugin, floats("Round")).reason, "no handler of Round fits the opset");
}

TEST(FakeHost, judges_broken_promises) {
  const Outcome thrown = FakeHost().convert(kPlugin, floats("Throws"));
  EXPECT_EQ(thrown.status, FLOWPORT_PLUGIN_BUG);
  EXPECT_EQ(thrown.reason, "boom");
  const Outcome nothing = FakeHost().convert(kPlugin, floats("Nothing"));
  EXPECT_EQ(nothing.status, FLOWPORT_PLUGIN_BUG);
  EXPECT_EQ(nothing.reason, "returned OK without binding an output");
  EXPECT_EQ(nothing.notes, std::vector<std::string>{"nothing to do"});
  EXPECT_EQ(FakeHost().convert(kPlugin, floats("WrongType")).reason,
            "output 0 was bound to a int64 tensor, TensorFlow has float");
}

TEST(FakeHost, prints_bodies) {
  const Outcome done = FakeHost().convert(kPlugin, floats("Clipped").input(of_type(DType::kBool, Ints{})));
  EXPECT_EQ(done.text,
            "v2 = If<else_branch = {() => v1 = Neg(x0); v1}, then_branch = {() => v0 = Relu(x0); v0}>(x1)\ny0 = v2\n");
  FakeHost old;
  EXPECT_EQ(old.without_interfaces().convert(kPlugin, floats("Clipped").input(of_type(DType::kBool, Ints{}))).status,
            FLOWPORT_UNSUPPORTED);
}

TEST(FakeHost, knows_the_schemas_of_the_plugin) {
  EXPECT_EQ(FakeHost().convert(kPlugin, floats("Blurs").attr("sigma", 0.5)).text,
            "v0 = com.example::Blur<sigma = 0.5>(x0)\ny0 = v0\n");
  EXPECT_EQ(FakeHost().convert(kPlugin, floats("Blurs")).status, FLOWPORT_BAD_MODEL);
}

TEST(FakeHost, gives_options_and_producers) {
  FakeHost host;
  GivenNode node("Option");
  node.output(DType::kString);
  EXPECT_EQ(host.option("style", "bold").convert(kPlugin, node).text, "y0 = string[1]{\"bold\"}\n");

  GivenNode neg("Neg", "neg");
  neg.input("x", of_type(DType::kFloat, Ints{3})).output(DType::kFloat);
  GivenNode bypass("Bypass");
  bypass.input_from("x", of_type(DType::kFloat, Ints{3}), neg).output(DType::kFloat);
  EXPECT_EQ(host.convert(kPlugin, bypass).text, "v0 = Abs(neg.x0)\ny0 = v0\n");
  EXPECT_EQ(host.convert(kPlugin, floats("Bypass")).reason, "the input is not negated");
}

TEST(FakeHost, refuses_every_call_in_turn_and_no_handler_minds) {
  for (const auto& row : kHandlers) {
    for (int n = 1; n < 12; ++n) {
      GivenNode node = floats(row.tf_op);
      node.input(known_ints({1, 0})).attr("sigma", 0.5);
      FakeHost host;
      const Outcome outcome = host.refuse_from(n).convert(row, node);
      EXPECT_FALSE(outcome.status == FLOWPORT_PLUGIN_BUG && outcome.reason.starts_with("returned OK after"))
          << row.tf_op << " at call " << n;
    }
  }
}

// ---- complex tensors

void doubles(const Node& node) { node.bind(node.input(0) + node.input(0)); }
void conjugates(const Node& node) {
  const auto z = flowport::parts_of(node.input(0));
  EXPECT_EQ(node.output_dtype(), DType::kComplex64);
  EXPECT_EQ(node.input(0).dtype(), DType::kFloat);
  node.bind(flowport::pair_of(conj(z)));
}
void second_number(const Node& node) { node.bind(node.scalar(DType::kFloat, node.input(0).doubles()->at(1))); }
void measures(const Node& node) {
  EXPECT_EQ(node.attr<DType>("T"), DType::kFloat) << "a part sees its node as if it were real";
  node.bind(0, -node.input(0));
  node.bind(1, shape_of(node.input(0)));
}

constexpr Handler kComplex[] = {
    flowport::handler<doubles>("Twice", {.complex = flowport::Complex::kParts}),
    flowport::handler<conjugates>("Conj", {.complex = flowport::Complex::kPairs, .id = "pairs"}),
    flowport::handler<doubles>("Conj", {.priority = -1, .id = "real"}),
    flowport::handler<measures>("Measure", {.complex = flowport::Complex::kParts}),
};
constexpr flowport_plugin kComplexPlugin =
    flowport::describe({.id = "test", .version = "1", .summary = "", .license = ""}, kComplex);

GivenNode complexes(const std::string& op) {
  GivenNode node(op);
  node.input(of_type(DType::kComplex64, Ints{-1, 4})).output(DType::kComplex64);
  return node;
}

TEST(FakeHost, a_row_for_pairs_sees_real_tensors) {
  const Outcome done = FakeHost().convert(kComplexPlugin, complexes("Conj"));
  ASSERT_EQ(done.status, FLOWPORT_OK) << done.reason;
  EXPECT_EQ(done.outputs.at(0).dtype, DType::kFloat);
  EXPECT_NE(done.text.find("Gather<axis = -1>(x0, "), std::string::npos) << done.text;
  EXPECT_EQ(FakeHost().convert(kComplexPlugin, floats("Conj")).text, "v0 = Add(x0, x0)\ny0 = v0\n");
  EXPECT_EQ(FakeHost().convert(kComplex[1], floats("Conj")).reason, "it is for nodes with complex tensors only");
}

TEST(FakeHost, a_row_for_parts_is_called_for_each) {
  const Outcome done = FakeHost().convert(kComplexPlugin, complexes("Twice"));
  ASSERT_EQ(done.status, FLOWPORT_OK) << done.reason;
  EXPECT_EQ(done.text, "v0 = Add(x0.re, x0.re)\ny0.re = v0\nv1 = Add(x0.im, x0.im)\ny0.im = v1\n");
  EXPECT_EQ(done.outputs.at(0).dtype, DType::kFloat);
  EXPECT_EQ(done.outputs.at(0).dims, (Ints{-1, 4, 2}));
  EXPECT_EQ(FakeHost().convert(kComplexPlugin, floats("Twice")).text, "v0 = Add(x0, x0)\ny0 = v0\n");
}

TEST(FakeHost, what_depends_on_shapes_only_is_told_of_once) {
  GivenNode node = complexes("Measure").output(DType::kInt64).attr("T", DType::kComplex64);
  const Outcome done = FakeHost().convert(kComplexPlugin, node);
  ASSERT_EQ(done.status, FLOWPORT_OK) << done.reason;
  EXPECT_EQ(done.text,
            "v0 = Neg(x0.re)\nv1 = Shape(x0.re)\ny0.re = v0\ny1 = v1\n"
            "v2 = Neg(x0.im)\nv3 = Shape(x0.im)\ny0.im = v2\n");
}

TEST(FakeHost, known_complex_tensors_have_known_parts) {
  constexpr Handler kRow =
      flowport::handler<second_number>("Twice", {.const_inputs = 1, .complex = flowport::Complex::kParts});
  GivenNode node("Twice");
  node.input(flowport::testing::known_complex({2}, {1, 2, 3, 4})).output(DType::kComplex64);
  EXPECT_EQ(FakeHost().convert(kRow, node).text, "y0.re = float{3}\ny0.im = float{4}\n");
}

TEST(FakeHost, other_rows_take_no_complex_tensors) {
  EXPECT_EQ(FakeHost().convert(kPlugin, complexes("Cube")).reason, "it takes no complex tensors");
  GivenNode made("Twice");
  made.input(of_type(DType::kFloat, Ints{2})).output(DType::kComplex64);
  EXPECT_NE(FakeHost().convert(kComplexPlugin, made).reason.find("no input is complex"), std::string::npos);
}

// ---- attributes

void reads_attributes(const Node& node) {
  EXPECT_EQ(node.attr<std::vector<float>>("empty"), std::vector<float>{});
  EXPECT_EQ(node.attr<std::vector<std::string>>("empty"), std::vector<std::string>{});
  EXPECT_EQ(node.attr<std::vector<DType>>("types"), (std::vector<DType>{DType::kBool, DType::kInt8}));
  const auto shapes = node.attr<std::vector<TypeSpec>>("shapes");
  ASSERT_EQ(shapes.size(), 2U);
  EXPECT_EQ(shapes[0].dims, (Ints{2, -1}));
  EXPECT_FALSE(shapes[1].dims);
  const auto tensor = node.attr<flowport::TensorAttr>("tensor");
  EXPECT_EQ(tensor.dtype, DType::kInt32);
  EXPECT_EQ(tensor.dims, Ints{3});
  EXPECT_EQ(tensor.data.size(), 12U);
  EXPECT_TRUE(node.attr<bool>("flag"));
  EXPECT_EQ(node.attr("absent", 7), 7);
  EXPECT_FALSE(node.find_attr<int>("absent"));
  EXPECT_EQ(node.output_type().dims, (Ints{-1, 4}));
  node.bind(node.input(0));
}
template <typename T>
void reads_scale_as(const Node& node) {
  node.attr("scale", T{});
  node.bind(node.input(0));
}
void reads_nothing(const Node& node) { node.bind(node.scalar(DType::kFloat, node.attr<float>("scael"))); }

TEST(FakeHost, gives_attributes_of_every_kind) {
  GivenNode node("Op");
  node.input(of_type(DType::kFloat)).output(DType::kFloat, Ints{-1, 4}).attr("empty", std::vector<float>{});
  node.attr("types", std::vector<DType>{DType::kBool, DType::kInt8}).attr("tensor", known_ints({1, 2, 3}));
  node.attr("shapes", std::vector<TypeSpec>{{DType::kUndefined, Ints{2, -1}}, {}}).attr("flag", true);
  EXPECT_TRUE(FakeHost().convert(flowport::handler<reads_attributes>("Op"), node));
}

TEST(FakeHost, attributes_of_another_kind_are_not_passed_over) {
  GivenNode node = floats("Op").attr("scale", std::int64_t{1} << 40);
  for (const Handler& row :
       {flowport::handler<reads_scale_as<float>>("Op"), flowport::handler<reads_scale_as<Ints>>("Op"),
        flowport::handler<reads_scale_as<int>>("Op")}) {
    const Outcome refused = FakeHost().convert(row, node);
    EXPECT_EQ(refused.status, FLOWPORT_BAD_MODEL);
    EXPECT_NE(refused.reason.find("attribute 'scale' is an integer or bool"), std::string::npos) << refused.reason;
  }
  EXPECT_TRUE(FakeHost().convert(flowport::handler<reads_scale_as<std::int64_t>>("Op"), node));
  const Outcome misspelt = FakeHost().convert(flowport::handler<reads_nothing>("Op"), node);
  EXPECT_EQ(misspelt.reason, "attribute 'scael' is missing");
  EXPECT_NE(misspelt.hint, "");
}

void asks_what_the_host_has(const Node& node) {
  if (!FLOWPORT_HOST_HAS(node.host(), interface_of)) node.unsupported("bodies", "update flowport");
  node.bind(-node.input(0));
}

TEST(FakeHost, tells_how_far_its_table_reaches) {
  constexpr Handler kRow = flowport::handler<asks_what_the_host_has>("Asks");
  FakeHost host;
  EXPECT_TRUE(host.convert(kRow, floats("Asks")));
  EXPECT_EQ(host.table_size(136).convert(kRow, floats("Asks")).reason, "bodies");
}

TEST(FakeHost, a_table_of_the_first_release_suffices) {
  FakeHost host;
  const Outcome done = host.table_size(144).convert(kPlugin, floats("Cube"));
  EXPECT_TRUE(done) << done.reason;
}

}  // namespace
