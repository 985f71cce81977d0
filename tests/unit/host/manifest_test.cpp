#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <flowport/plugin.hpp>

#include "host/manifest.h"

namespace flowport::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kHead = "flowport\t1\t1\t1\t0\nplugin\tcom.example\t2.0.0\tApache-2.0\t\tExample ops\n";

std::string refusal_of(const std::string& text) {
  Manifest manifest;
  const auto read = read_manifest(text, manifest);
  return read ? "none" : std::string(number_of(read.error().rule)) + " " + read.error().reason;
}

TEST(ReadManifest, EveryLine) {
  Manifest manifest;
  // Parts of several source files, in any order, with the NULs that end C's strings and pad sections.
  const std::string text = std::string("handler\tCube\tcube.new\t\t18\t0\t-3\t2\t5\tcube.cpp\tCubes.\n\0\0\0", 53) +
                           kHead +
                           "rewrite\tscan.cell\tscan\ntarget\tmine\nschema\tcom.example\tBlur\t2\nlater\tthing\n";
  const auto read = read_manifest(text, manifest);
  ASSERT_TRUE(read.has_value()) << read.error().reason;
  EXPECT_EQ(manifest.description.id, "com.example");
  EXPECT_EQ(manifest.description.version, "2.0.0");
  EXPECT_EQ(manifest.description.summary, "Example ops");
  ASSERT_EQ(manifest.description.rows.size(), 1U);
  const registry::Row& row = manifest.description.rows[0];
  EXPECT_EQ(row.tf_op, "Cube");
  EXPECT_EQ(row.id, "cube.new");
  EXPECT_EQ(row.opset_min, 18);
  EXPECT_EQ(row.priority, -3);
  EXPECT_EQ(row.complex, registry::Complex::kParts);
  EXPECT_EQ(row.const_inputs, 5U);
  EXPECT_EQ(row.source, "cube.cpp");
  EXPECT_EQ(row.handler.convert, nullptr);
  EXPECT_THAT(manifest.other_rows, ElementsAre("rewrite scan.cell", "schema com.example::Blur@2", "target mine"));
  EXPECT_TRUE(manifest.needs_tables_at_start());
}

TEST(ReadManifest, RewritesAloneCanWait) {
  Manifest manifest;
  ASSERT_TRUE(read_manifest(kHead + "rewrite\tscan.cell\tscan\n", manifest).has_value());
  EXPECT_FALSE(manifest.needs_tables_at_start());
}

TEST(ReadManifest, Refusals) {
  EXPECT_THAT(refusal_of(""), HasSubstr("P-028 its manifest has 0 'flowport' and 0 'plugin' lines"));
  EXPECT_THAT(refusal_of(kHead + kHead), HasSubstr("2 'flowport' and 2 'plugin' lines"));
  EXPECT_THAT(refusal_of("flowport\t2\twhatever\n"), HasSubstr("form 2; this flowport reads form 1"));
  EXPECT_THAT(refusal_of(kHead + "handler\tCube\n"), HasSubstr("cannot be read: 'handler Cube'"));
  EXPECT_THAT(refusal_of(kHead + "handler\tCube\tCube\t\t13\t0\t0\t0\t-1\t\t\n"), HasSubstr("P-028"));
  EXPECT_THAT(refusal_of(kHead + "handler\tCube\tCube\t\t99999999999\t0\t0\t0\t0\t\t\n"), HasSubstr("P-028"));
  EXPECT_THAT(refusal_of(kHead + "handler\tCube\tCube\t\t18\t13\t0\t0\t0\t\t\n"), HasSubstr("P-020"));
  EXPECT_THAT(refusal_of("flowport\t1\t1\t9\t9\nplugin\tcom.example\t1\tMIT\t\tx\n"), HasSubstr("P-014"));
  EXPECT_THAT(refusal_of("flowport\t1\t2\t0\t0\nplugin\tcom.example\t1\tMIT\t\tx\n"), HasSubstr("P-013"));
}

void nothing(const Node&) {}
constexpr Handler kRows[] = {
    handler<nothing>("Cube", {.opset_max = 17}),
    handler<nothing>("Cube", {.opset_min = 18, .const_inputs = 6, .id = "new", .doc = "Cubes."})};
constexpr flowport_domain_version kDomains[] = {{"", 18, 0}};
constexpr flowport_target kTargets[] = {
    {"mine", nullptr, 8, 0, {kDomains, 1, sizeof(kDomains[0])}, {}, nullptr, {}, 0, 0}};
constexpr PluginInfo kInfo{.id = "com.example", .version = "2.0.0", .summary = "Example ops", .license = "MIT"};

TEST(ReadManifest, WhatTheSdkWritesAgreesWithItsTables) {
  static constexpr auto kText = manifest::text_of<manifest::size_of(kInfo, kRows, kTargets)>(kInfo, kRows, kTargets);
  Manifest read;
  ASSERT_TRUE(read_manifest({kText.data, sizeof(kText.data)}, read).has_value());
  static constexpr flowport_plugin kPlugin = describe(kInfo, kRows, kTargets);
  Description tables;
  ASSERT_TRUE(read_description(kPlugin, tables).has_value());
  const auto agrees = check_agreement(read, tables);
  EXPECT_TRUE(agrees.has_value()) << agrees.error().reason;

  EXPECT_EQ(read.min_host_minor, 0);
  EXPECT_EQ(kPlugin.min_host_minor, 0);
  static constexpr flowport_target kLimited[] = {{"small", "mine", 0, 0, {}, {}, nullptr, {}, 4, 0}};
  static constexpr auto kLimitedText =
      manifest::text_of<manifest::size_of(kInfo, kRows, kLimited)>(kInfo, kRows, kLimited);
  Manifest limited;
  ASSERT_TRUE(read_manifest({kLimitedText.data, sizeof(kLimitedText.data)}, limited).has_value());
  EXPECT_EQ(limited.min_host_minor, 2) << "a host of 1.1 would not see the limit";
  EXPECT_EQ(describe(kInfo, kRows, kLimited).min_host_minor, 2);

  tables.rows[1].priority = 7;
  const auto differs = check_agreement(read, tables);
  ASSERT_FALSE(differs.has_value());
  EXPECT_EQ(differs.error().rule, Rule::kManifest);
  EXPECT_THAT(differs.error().reason, HasSubstr("only in the tables: handler Cube id 'new'"));
}

}  // namespace
}  // namespace flowport::host
