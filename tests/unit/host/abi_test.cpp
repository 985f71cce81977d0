#include <gtest/gtest.h>

#include "../../plugins/abi_layout.h"
#include "host/raw_table.h"

namespace flowport::host {
namespace {

/// What the host asks of a plugin at least is what ABI 1.0 had, however much the structs have grown since.
TEST(Abi, FirstSizesAreThoseOfTheFirstMinor) {
  EXPECT_EQ(kFirstSize<flowport_plugin>, 136U);
  EXPECT_EQ(kFirstSize<flowport_handler>, 64U);
  EXPECT_EQ(kFirstSize<flowport_target>, 64U);
  EXPECT_EQ(kFirstSize<flowport_domain_version>, 16U);
  EXPECT_EQ(kFirstSize<flowport_denial>, 48U);
  EXPECT_EQ(kFirstSize<flowport_schema>, 72U);
  EXPECT_EQ(kFirstSize<flowport_schema_attr>, 16U);
  EXPECT_EQ(kFirstSize<flowport_rewrite>, 32U);
  EXPECT_EQ(kFirstSize<flowport_host>, 144U);
}

/// What is not there reads as zero; what is more is not read.
TEST(Abi, PrefixOfAStruct) {
  flowport_handler row{};
  row.tf_op = "Op";
  row.opset_min = 13;
  row.const_inputs = 7;
  const auto half = copy_prefix<flowport_handler>(&row, offsetof(flowport_handler, const_inputs));
  EXPECT_STREQ(half.tf_op, "Op");
  EXPECT_EQ(half.opset_min, 13);
  EXPECT_EQ(half.const_inputs, 0U);

  struct Longer {
    flowport_handler known;
    std::uint64_t added;
  };
  const Longer longer{row, ~std::uint64_t{0}};
  EXPECT_EQ(copy_prefix<flowport_handler>(&longer, sizeof(longer)).const_inputs, 7U);
}

}  // namespace
}  // namespace flowport::host
