// The JSON Schema for editors accepts what the program accepts: the shipped files, and an example of everything a file can say.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "config/document.h"
#include "config/fields.h"
#include "loading.h"

namespace flowport::config {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::filesystem::path configs() {
  const char* root = std::getenv("FLOWPORT_SOURCE_ROOT");
  return std::filesystem::path(root == nullptr ? "." : root) / "configs";
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The keywords of JSON Schema that the file uses; an unknown one fails the test.
class Validator {
 public:
  explicit Validator(json schema) : root_(std::move(schema)) {}

  /// The first thing wrong, or nothing.
  std::string check(const YamlNode& node) const { return check(node, root_); }

 private:
  static std::string at(const YamlNode& node, const std::string& what) {
    return std::to_string(node.mark.line) + ":" + std::to_string(node.mark.column) + ": " + what;
  }

  static bool has_type(const YamlNode& node, const std::string& type) {
    if (type == "object") return node.is_map();
    if (type == "array") return node.is_list();
    if (type == "integer") return int_of(node).has_value();
    if (type == "number") return float_of(node).has_value();
    if (type == "boolean") return bool_of(node).has_value();
    if (type == "string") return node.is_scalar() && !float_of(node) && !bool_of(node);
    ADD_FAILURE() << "type " << type;
    return false;
  }

  std::string check(const YamlNode& node, const json& schema) const {
    if (schema.is_boolean()) return schema.get<bool>() ? "" : at(node, "not allowed");
    for (const auto& [keyword, value] : schema.items()) {
      std::string wrong = check(node, schema, keyword, value);
      if (!wrong.empty()) return wrong;
    }
    return {};
  }

  std::string check(const YamlNode& node, const json& schema, const std::string& keyword, const json& value) const {
    if (keyword.starts_with("$") && keyword != "$ref") return {};
    if (keyword == "title" || keyword == "description") return {};
    if (keyword == "$ref") return check(node, root_.at(json::json_pointer(value.get<std::string>().substr(1))));
    if (keyword == "type") {
      const json types = value.is_array() ? value : json::array({value});
      for (const auto& type : types) {
        if (has_type(node, type.get<std::string>())) return {};
      }
      return at(node, "is not " + value.dump());
    }
    if (keyword == "const") return int_of(node) == value.get<std::int64_t>() ? "" : at(node, "is not " + value.dump());
    if (keyword == "enum") {
      const bool has = std::ranges::any_of(value, [&](const json& text) { return text == node.text; });
      return has ? "" : at(node, "is not one of " + value.dump());
    }
    if (keyword == "minLength") return node.text.size() >= value.get<std::size_t>() ? "" : at(node, "too short");
    if (keyword == "pattern") {
      return testing::Value(node.text, testing::ContainsRegex(value.get<std::string>())) ? ""
                                                                                         : at(node, "does not match");
    }
    if (keyword == "minimum")
      return int_of(node) && *int_of(node) < value.get<std::int64_t>() ? at(node, "too small") : "";
    if (keyword == "maximum")
      return int_of(node) && *int_of(node) > value.get<std::int64_t>() ? at(node, "too large") : "";
    if (keyword == "minItems") return node.items.size() >= value.get<std::size_t>() ? "" : at(node, "too few");
    if (keyword == "maxItems") return node.items.size() <= value.get<std::size_t>() ? "" : at(node, "too many");
    if (keyword == "items") return first_wrong(node.items, [&](const YamlNode& item) { return check(item, value); });
    if (keyword == "required") {
      return first_wrong(value, [&](const json& key) {
        return find(node, key.get<std::string>()) != nullptr ? "" : at(node, "lacks " + key.dump());
      });
    }
    if (keyword == "properties") {
      return first_wrong(value.items(), [&](const auto& property) {
        const YamlNode* found = find(node, property.key());
        return found == nullptr ? "" : check(*found, property.value());
      });
    }
    if (keyword == "additionalProperties") {
      return first_wrong(node.entries, [&](const YamlEntry& entry) {
        const bool known = schema.contains("properties") && schema.at("properties").contains(entry.key.text);
        if (known) return std::string();
        return value == json(false) ? at(entry.key, "unknown key " + entry.key.text) : check(entry.value, value);
      });
    }
    if (keyword == "oneOf" || keyword == "anyOf") {
      std::size_t fitting = 0;
      std::string wrong;
      for (const auto& choice : value) {
        const std::string problem = check(node, choice);
        problem.empty() ? void(++fitting) : void(wrong += "; " + problem);
      }
      return fitting == 1 || (fitting > 1 && keyword == "anyOf") ? "" : at(node, keyword + wrong);
    }
    ADD_FAILURE() << "keyword " << keyword;
    return {};
  }

  template <typename Items, typename Check>
  static std::string first_wrong(const Items& items, Check&& check_item) {
    for (const auto& item : items) {
      std::string wrong = check_item(item);
      if (!wrong.empty()) return wrong;
    }
    return {};
  }

  static const YamlNode* find(const YamlNode& node, const std::string& key) {
    for (const YamlEntry& entry : node.entries) {
      if (entry.key.text == key) return &entry.value;
    }
    return nullptr;
  }

  json root_;
};

std::string validate(const std::string& text) {
  static const Validator validator(json::parse(read(configs() / "schema" / "flowport-1.schema.json")));
  const Source source("f.yaml", text);
  Problems problems;
  const YamlNode root = parse_yaml(source, problems);
  EXPECT_THAT(problems, IsEmpty());
  return validator.check(root);
}

TEST(JsonSchema, AcceptsTheShippedFiles) {
  for (const char* folder : {"mappings", "targets"}) {
    for (const auto& file : std::filesystem::directory_iterator(configs() / folder)) {
      EXPECT_EQ(validate(read(file.path())), "") << file.path();
    }
  }
}

constexpr const char* kEverything = R"yaml(flowport: 1
plugins:
  - file: a.so
    config: { depth: 3, name: x, on: true }
defaults: { opset: 18, shape: ["x=1", "y=2"] }
use: { Softmax: org.flowport.nn }
targets:
  base: { ir: 8, opsets: { ai.onnx: 17 }, doc: d }
  small:
    parent: base
    deny: [{ op: Conv, domain: ai.onnx, types: [double], variable: T, opset: [13, 17], reason: r }]
  listed:
    parent: base
    control_flow: false
    dynamic_shapes: true
    max_rank: 6
    source: a paper
    allow: [{ op: [Conv, Relu], types: [float], variable: T, opset: 13, domain: ai.onnx }, { op: Add }]
    deny: [{ op: [Sin, Cos], reason: r }, { types: [double], reason: r }]
ops:
  Abs: Abs
  LeakyRelu: { to: LeakyRelu, attrs: { alpha: alpha }, when: { T: [float32, float64] }, opset: 13, priority: 2, complex: parts, doc: d }
  MirrorPad: { to: Pad, attrs: { mode: { from: mode, choices: { REFLECT: reflect } } } }
  MyBlur:
    to: com.me::Blur@2
    inputs: [1, 0, { value: [1, 2] }, { attr: scale }]
    outputs: 2
    set: { alpha: 0.5, axes: [1, 2], mode: linear, names: [a, b] }
    const_inputs: { 2: { attr: sigma } }
    runtime: { library: libblur.so, registration: "call it" }
  MyOp:
    - { opset: [13, 17], body: "y = ReduceMax <axes = [1]> (image)", inputs: [image], outputs: [y] }
    - { opset: 18, body: "y = ReduceMax(x0, [1])" }
)yaml";

TEST(JsonSchema, AcceptsEverythingThatTheProgramAccepts) {
  EXPECT_THAT(Case(kEverything).problems(), IsEmpty());
  EXPECT_EQ(validate(kEverything), "");
}

TEST(JsonSchema, RefusesWhatTheProgramRefuses) {
  for (const char* text : {
           "flowport: 2\n",
           "flowport: 1\nplugin: []\n",
           "use: {A: b}\n",
           "flowport: 1\nplugins: [{config: {}}]\n",
           "flowport: 1\nops: {Abs: {too: Abs}}\n",
           "flowport: 1\nops: {Abs: {to: Abs, body: x}}\n",
           "flowport: 1\nops: {Abs: {to: 'A b'}}\n",
           "flowport: 1\nops: {Abs: []}\n",
           "flowport: 1\nops: {Abs: {to: Abs, opset: [13]}}\n",
           "flowport: 1\nops: {Abs: {body: 'y = Abs(x)', set: {a: 1}}}\n",
           "flowport: 1\nops: {Abs: {to: Abs, inputs: [{}]}}\n",
           "flowport: 1\nops: {Abs: {to: Abs, complex: both}}\n",
           "flowport: 1\ntargets: {t: {doc: x}}\n",
           "flowport: 1\ntargets: {t: {parent: p, deny: [{op: Conv}]}}\n",
           "flowport: 1\ntargets: {t: {parent: p, allow: [{types: [float]}]}}\n",
           "flowport: 1\ntargets: {t: {parent: p, allow: [{op: []}]}}\n",
           "flowport: 1\ntargets: {t: {parent: p, max_rank: 0}}\n",
           "flowport: 1\ntargets: {t: {parent: p, control_flow: maybe}}\n",
       }) {
    EXPECT_NE(validate(text), "") << text;
    EXPECT_FALSE(Case(text).problems().empty()) << text;
  }
}

}  // namespace
}  // namespace flowport::config
