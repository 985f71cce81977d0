// Plugins of other minors in this host, and plugins of this minor in a host of 1.0.
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

#include "host/raw_table.h"
#include "scratch.h"

namespace flowport::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// ---- older and newer plugins in this host

TEST(OtherMinors, APluginOfTheFirstMinorHasAllItsTables) {
  for (const std::string id : {"frozen_1_0", "frozen_1_2", "frozen_newest"}) {
    registry::Registry registry;
    const LoadResult result = load_plugins(only({fixture(id)}), {}, registry);
    ASSERT_THAT(result.problems, IsEmpty()) << id;
    EXPECT_TRUE(result.plugins.at(0).is_active());
    EXPECT_THAT(registry.ops(), ElementsAre("AddN", "FrozenScale", "FrozenSum"));
    const registry::Row& row = *registry.rows("FrozenSum").at(0);
    EXPECT_EQ(row.id, "sum");
    EXPECT_EQ(row.opset_max, 99);
    EXPECT_EQ(row.priority, 1);
    const auto target = registry.target("fixture." + id + "-19");
    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->opset("com.frozen"), 2);
    EXPECT_NE(target->denial("", "Max", "T", true, ir::DType::kInt8), nullptr);
    const registry::CustomSchema* schema = registry.schema("fixture." + id, "Blur", 2);
    ASSERT_NE(schema, nullptr);
    EXPECT_EQ(schema->registration, "load it");
  }
}

TEST(OtherMinors, ANewerPluginIsReadAsFarAsItIsKnown) {
  registry::Registry registry;
  const LoadResult result = load_plugins(only({fixture("newer_minor")}), {}, registry);
  ASSERT_THAT(result.problems, IsEmpty());
  EXPECT_THAT(registry.ops(), ElementsAre("NewerOp", "NewestOp"));
  const auto target = registry.target("newer-b");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->opset("com.newer"), 2);
  EXPECT_NE(target->denial("", "Max", "T", true, ir::DType::kInt8), nullptr);
  EXPECT_NE(target->denial("", "Min", "T", true, ir::DType::kInt8), nullptr);
  const registry::CustomSchema* schema = registry.schema("com.newer", "B", 1);
  ASSERT_NE(schema, nullptr);
  ASSERT_EQ(schema->attrs.size(), 2U);
  EXPECT_EQ(schema->attrs[1].name, "b");
  Problems problems;
  EXPECT_THAT(registry.rewrites(problems), IsEmpty());
  EXPECT_THAT(problems, IsEmpty());
}

/// A bit says what the row means, so a host that does not know it cannot take the row.
TEST(OtherMinors, BitsOfALaterMinorAreRefused) {
  registry::Registry registry;
  const LoadResult result = load_plugins(only({fixture("newer_bits")}), {}, registry);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_THAT(result.problems[0].what, HasSubstr("flags"));
  EXPECT_THAT(registry.ops(), IsEmpty());
}

// ---- this SDK in an older host

/// What happened at a host of 1.0: a node with one float input and one output.
struct Call {
  std::vector<std::string> emitted;
  flowport_value next = 2, bound = 0;
  std::string failure;
};

Call& call_of(flowport_node* node) { return *reinterpret_cast<Call*>(node); }

const flowport_host* host_of_1_0() {
  static const flowport_host full = [] {
    flowport_host host{};
    host.struct_size = kFirstSize<flowport_host>;
    host.abi_major = 1;
    host.abi_minor = 0;
    host.node_info = [](flowport_node*, flowport_node_info* out) -> flowport_status {
      out->num_inputs = out->num_outputs = 1;
      return FLOWPORT_OK;
    };
    host.node_input = [](flowport_node*, std::uint32_t, flowport_value* out) -> flowport_status {
      *out = 1;
      return FLOWPORT_OK;
    };
    host.value_type = [](flowport_node*, flowport_value, flowport_type* out) -> flowport_status {
      out->dtype = FLOWPORT_FLOAT;
      out->rank = -1;
      return FLOWPORT_OK;
    };
    host.emit = [](flowport_node* node, const flowport_op* op, flowport_value* outputs) -> flowport_status {
      call_of(node).emitted.emplace_back(op->type.data, op->type.size);
      outputs[0] = call_of(node).next++;
      return FLOWPORT_OK;
    };
    host.bind_output = [](flowport_node* node, std::uint32_t, flowport_value value) -> flowport_status {
      call_of(node).bound = value;
      return FLOWPORT_OK;
    };
    host.fail = [](flowport_node* node, flowport_status code, flowport_str text, flowport_str) -> flowport_status {
      call_of(node).failure.assign(text.data, text.size);
      return code;
    };
    host.interface_of = [](flowport_str) -> const void* { return nullptr; };
    return host;
  }();
  // In memory that ends where 1.0 ends: the sanitizers see what reads on.
  static const auto cut = std::make_unique<std::byte[]>(kFirstSize<flowport_host>);
  std::memcpy(cut.get(), &full, kFirstSize<flowport_host>);
  return reinterpret_cast<const flowport_host*>(cut.get());
}

void asks_for_more(const Node& node) {
  const Value x = node.input(0);
  node.bind(node.producer(x) ? x : -x);
}
void needs_a_body(const Node& node) {
  const Body body = node.body({}, [&](const std::vector<Value>&) { return std::vector<Value>{node.input(0)}; });
  node.bind(node.emit("If", {node.input(0)}, {{"then_branch", body}, {"else_branch", body}}));
}

flowport_status convert(const Handler& handler, Call& call) {
  return handler.convert(host_of_1_0(), reinterpret_cast<flowport_node*>(&call), nullptr);
}

TEST(HostOfTheFirstMinor, WhatItDoesNotHaveIsDoneWithout) {
  Call call;
  EXPECT_EQ(convert(handler<asks_for_more>("Op"), call), FLOWPORT_OK);
  EXPECT_THAT(call.emitted, ElementsAre("Neg"));
  EXPECT_EQ(call.bound, 2U);
}

TEST(HostOfTheFirstMinor, WhatCannotBeDoneWithoutIsSaid) {
  Call call;
  EXPECT_NE(convert(handler<needs_a_body>("Op"), call), FLOWPORT_OK);
  EXPECT_THAT(call.failure, HasSubstr("graph-valued attributes"));
  EXPECT_THAT(call.emitted, IsEmpty());
  EXPECT_EQ(call.bound, 0U);
}

TEST(HostOfTheFirstMinor, MembersAreAskedForBeforeTheyAreUsed) {
  EXPECT_TRUE(FLOWPORT_HOST_HAS(host_of_1_0(), interface_of));
  EXPECT_FALSE(FLOWPORT_HOST_HAS(host_of_1_0(), option)) << "there, and null";
  auto shorter = std::make_unique<flowport_host>(*host_of_1_0());
  shorter->struct_size = offsetof(flowport_host, interface_of) + 1;
  EXPECT_FALSE(FLOWPORT_HOST_HAS(shorter, interface_of)) << "half of it is not there";
  EXPECT_TRUE(FLOWPORT_HOST_HAS(shorter, fail));
}

/// A table of functions that grew in a later minor, in memory of an earlier one's size.
TEST(HostOfTheFirstMinor, TablesBehindInterfaceOfMayBeShorterToo) {
  struct Grown {
    std::uint32_t struct_size, reserved;
    flowport_status (*known)(flowport_node*);
    flowport_status (*added)(flowport_node*);
  };
  const auto known = [](flowport_node*) -> flowport_status { return FLOWPORT_OK; };
  const Grown whole{sizeof(Grown), 0, known, known};
  Grown first = whole;
  first.struct_size = offsetof(Grown, added);
  const auto memory = std::make_unique<std::byte[]>(first.struct_size);
  std::memcpy(memory.get(), &first, first.struct_size);
  const auto* old = reinterpret_cast<const Grown*>(memory.get());
  EXPECT_TRUE(FLOWPORT_HAS(Grown, old, known));
  EXPECT_FALSE(FLOWPORT_HAS(Grown, old, added));
  EXPECT_TRUE(FLOWPORT_HAS(Grown, &whole, added));
}

}  // namespace
}  // namespace flowport::host
