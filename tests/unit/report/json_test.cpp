#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sample.h"

namespace flowport::report {
namespace {

nlohmann::ordered_json parsed(const Report& report) { return nlohmann::ordered_json::parse(to_json(report)); }

TEST(Json, TellsEveryField) {
  const auto expected = nlohmann::ordered_json::parse(R"json({
    "schema": 1,
    "version": "1.2.3",
    "model": {
      "path": "digits/saved_model", "format": "SavedModel", "signature": "serving_default", "tags": ["serve"],
      "inputs": [{"name": "image", "type": "float[N,8,8,1]"}],
      "outputs": [{"name": "scores", "type": "float[N,10]"}]
    },
    "target": {"id": "default", "opsets": {"ai.onnx": 21, "com.example": 1}, "ir_version": 10},
    "plugins": [{"id": "flowport.nn", "version": "1.2.3", "path": "plugins/nn.so"}],
    "conversion": {
      "tf_ops": {"BiasAdd": 2, "Conv2D": 2, "Frob": 1},
      "onnx_ops": {"Conv": 2, "com.example.Frob": 1},
      "dropped": {"Assert": 2, "PrintV2": 1},
      "handlers": [{"op": "Conv2D", "handler": "flowport.nn/conv2d", "count": 2}],
      "overrides": [{"op": "Frob", "winner": "frob.yaml:3 (user mapping)", "loser": "example/frob (contrib)"}],
      "runtime_needs": [
        {"domain": "com.example", "version": 1, "op": "Frob", "library": "libfrob.so",
         "registration": "RegisterCustomOps"}
      ]
    },
    "warnings": [{"text": "NaN is treated as zero", "where": "node 'frob'"}],
    "unsupported": [{
      "op": "Zap", "count": 5, "reason": "no plugin converts it", "next": "write a mapping",
      "places": [{"node": "z1", "path": ""}, {"node": "z2", "path": "f/g"}, {"node": "z3", "path": ""}]
    }],
    "problems": [{"fault": "check", "what": "the disk is full", "where": "digits.onnx", "next": "make room"}],
    "files": [{"path": "digits.onnx", "bytes": 123456}],
    "measured": {"phases": [{"name": "read", "ms": 1.5}, {"name": "write", "ms": 20.0}], "peak_memory": 52000000}
  })json");
  EXPECT_EQ(parsed(sample_report()).dump(1), expected.dump(1));
}

TEST(Json, HasAllKeysWhenThereIsNothingToTell) {
  const auto full = parsed(sample_report());
  const auto empty = parsed(Report{});
  ASSERT_EQ(empty.size(), full.size());
  for (const auto& [key, value] : full.items()) {
    ASSERT_TRUE(empty.contains(key)) << key;
    EXPECT_EQ(empty[key].type(), value.type()) << key;
    if (!value.is_object()) continue;
    for (const auto& [inner, content] : value.items()) {
      ASSERT_TRUE(empty[key].contains(inner)) << key << "." << inner;
      if (content.is_structured()) {
        EXPECT_EQ(empty[key][inner].type(), content.type()) << key << "." << inner;
      }
    }
  }
}

TEST(Json, DiffersOnlyInMeasuredBetweenEqualRuns) {
  Report later = sample_report();
  later.phases[0].ms = 99;
  later.peak_memory = 1;
  auto a = parsed(sample_report());
  auto b = parsed(later);
  EXPECT_NE(a, b);
  a.erase("measured");
  b.erase("measured");
  EXPECT_EQ(a.dump(), b.dump());
}

TEST(Json, TakesNamesThatAreNotUtf8) {
  Report report;
  report.model = "m\xff";
  report.tf_ops["Op\xfe"] = 1;
  const auto json = parsed(report);
  EXPECT_EQ(json["model"]["path"], "m\xef\xbf\xbd");
  EXPECT_EQ(json["conversion"]["tf_ops"].size(), 1U);
}

TEST(Json, EveryKeyIsInTheDocumentation) {
  const char* root = std::getenv("FLOWPORT_SOURCE_ROOT");
  ASSERT_NE(root, nullptr) << "set FLOWPORT_SOURCE_ROOT to the source folder";
  std::ifstream file(std::string(root) + "/docs/report.md");
  std::stringstream docs;
  docs << file.rdbuf();
  const auto expect_documented = [&](const std::string& key) {
    EXPECT_NE(docs.str().find("`" + key + "`"), std::string::npos) << key;
  };
  const auto report = parsed(sample_report());
  for (const auto& [key, value] : report.items()) {
    if (!value.is_object()) {
      expect_documented(key);
      continue;
    }
    for (const auto& [inner, content] : value.items()) expect_documented(key + "." + inner);
  }
}

}  // namespace
}  // namespace flowport::report
