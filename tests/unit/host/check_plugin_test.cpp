// `plugin check`: what a plugin does to the process is a finding, not the end of flowport.
#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/check_plugin.h"
#include "scratch.h"

namespace flowport::host {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Long enough for a machine under load, short enough for the plugins that never return.
constexpr std::chrono::milliseconds kLimit{1000};

/// "P-033 loading ended the process ...", one a finding.
std::vector<std::string> findings_of(const PluginCheck& check) {
  std::vector<std::string> texts;
  for (const Finding& finding : check.findings)
    texts.push_back(std::string(number_of(finding.rule)) + " " + finding.reason);
  return texts;
}

PluginCheck check(std::string_view name) { return check_plugin(fixture(name), kLimit); }

TEST(CheckPlugin, ThePluginsOfTheHouseKeepEveryRule) {
  const PluginCheck targets = check_plugin(FLOWPORT_TARGETS_PLUGIN, kLimit);
  EXPECT_THAT(findings_of(targets), IsEmpty());
  EXPECT_TRUE(targets.has_run);
  EXPECT_FALSE(targets.is_refused());
}

TEST(CheckPlugin, LoadingThatCrashesExitsOrNeverEnds) {
  EXPECT_THAT(findings_of(check("ctor_crash")), Contains(HasSubstr("P-033 loading ended the process by signal 6")));
  EXPECT_THAT(findings_of(check("ctor_exits")), Contains("P-033 loading ended the process"));
  EXPECT_THAT(findings_of(check("ctor_sleep")), Contains("P-034 loading was not over after 1000 ms"));
  EXPECT_TRUE(check("ctor_crash").is_refused());
}

TEST(CheckPlugin, EveryFaultOfEveryHandlerIsFound) {
  const PluginCheck misbehaves = check("misbehaves");
  const auto findings = findings_of(misbehaves);
  const auto has = [&](const std::string& rule, const std::string& handler, const std::string& text) {
    EXPECT_THAT(findings, Contains(AllOf(HasSubstr(rule + " handler '" + handler + "'"), HasSubstr(text))));
  };
  has("P-035", "GarbageStatus", "unknown status 4711");
  has("P-035", "OkWithoutOutputs", "OK without binding an output");
  has("P-035", "NoReason", "status 2 and gave no reason");
  has("P-035", "OkAfterFailure", "OK after a failure");
  has("P-037", "UnknownOp", "NoSuchOp, which ai.onnx 21 does not have");
  has("P-037", "WrongAttr", "'no_such_attr'");
  has("P-033", "Crashes", "signal 6");
  has("P-034", "NeverReturns", "not over after 1000 ms");
  EXPECT_EQ(misbehaves.calls, 10U * 4 + 2) << "what ends one process does not keep the others from being called";
  EXPECT_TRUE(misbehaves.is_refused());
}

TEST(CheckPlugin, Exceptions) {
  const auto findings = findings_of(check("throws"));
  EXPECT_THAT(findings, Contains(AllOf(HasSubstr("P-035"), HasSubstr("ThrowsInt"), HasSubstr("let an exception out"))));
  EXPECT_THAT(findings, Contains(AllOf(HasSubstr("P-035"), HasSubstr("ThrowsStd"))));
}

TEST(CheckPlugin, RemarksThatRefuseNothing) {
  EXPECT_THAT(findings_of(check("plain_a")), Contains(HasSubstr("P-032 it has no manifest")));
  EXPECT_THAT(findings_of(check("links_protobuf")), Contains(HasSubstr("P-031 it needs libprotobuf")));
  const auto exports = check("no_entry");
  EXPECT_THAT(findings_of(exports), Contains(AllOf(HasSubstr("P-030"), HasSubstr("flowport_fixture_without_entry"))));
  EXPECT_THAT(findings_of(exports), Contains(HasSubstr("P-011")));
}

TEST(CheckPlugin, WhatTheHostRefusesIsRefused) {
  for (const auto& [name, rule] : {std::pair{"manifest_disagrees", "P-028"}, std::pair{"manifest_unreadable", "P-028"},
                                   std::pair{"undefined_symbol", "P-009"}, std::pair{"init_refuses", "P-027"},
                                   std::pair{"overlapping_range", "P-021"}}) {
    const PluginCheck refused = check(name);
    EXPECT_THAT(findings_of(refused), Contains(HasSubstr(rule))) << name;
    EXPECT_TRUE(refused.is_refused()) << name;
  }
  const PluginCheck absent = check_plugin("/nowhere/flowport_x.so", kLimit);
  EXPECT_THAT(findings_of(absent), Contains(HasSubstr("P-001")));
}

}  // namespace
}  // namespace flowport::host
