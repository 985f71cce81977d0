// The command `config`: the configuration in force, as a configuration file with the origin of each value.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/parse.h"
#include "cli/session.h"
#include "config/fields.h"
#include "config/flow_text.h"

namespace flowport::cli {
namespace {

namespace po = boost::program_options;
using config::Setting;
using config::YamlNode;
using Json = nlohmann::ordered_json;

constexpr std::string_view kUsage = R"(usage: flowport config [options]

Shows each value in force and where it comes from, in the form of a configuration file: what is printed is one.

  flowport config --config ops.yaml --opset 18

)";

constexpr std::string_view kBuiltIn = "built-in default";

/// Sections in the order in which they are shown, and whether they are lists.
constexpr std::pair<std::string_view, bool> kSections[] = {{"plugins", true},  {"defaults", false}, {"use", false},
                                                           {"targets", false}, {"ops", false},      {"nodes", true}};

YamlNode scalar(std::string text) {
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.is_plain = true;
  node.text = std::move(text);
  return node;
}

YamlNode value_of(const std::vector<std::string>& values) {
  if (values.size() == 1) return scalar(values.front());
  YamlNode node;
  node.kind = YamlNode::Kind::kList;
  for (const std::string& value : values) node.items.push_back(scalar(value));
  return node;
}

/// `name` alone stands for {to: name}.
YamlNode long_form(const YamlNode& entry) {
  if (!entry.is_scalar()) return entry;
  YamlNode map;
  map.kind = YamlNode::Kind::kMap;
  map.entries.push_back({scalar("to"), entry});
  return map;
}

/// What each flag is: from the command line, else from the last file that says it, else what is built in.
std::vector<Setting> flags_in_force(const CommandLine& line, const Session& session) {
  std::vector<Setting> settings;
  const auto built_in = built_in_defaults();
  for (const std::string& flag : default_flags()) {
    if (const auto given = line.given.find(flag); given != line.given.end()) {
      settings.push_back({"defaults", flag, value_of(given->second), "command line"});
      continue;
    }
    const auto& settings_of_files = session.config.settings;
    const auto said = std::find_if(settings_of_files.rbegin(), settings_of_files.rend(),
                                   [&](const Setting& s) { return s.section == "defaults" && s.key == flag; });
    if (said != settings_of_files.rend()) {
      settings.push_back(*said);
    } else if (const auto own = built_in.find(flag); own != built_in.end()) {
      settings.push_back({"defaults", flag, scalar(own->second), std::string(kBuiltIn)});
    }
  }
  // A target has an opset of its own.
  const auto is = [](std::string_view flag) { return [flag](const Setting& s) { return s.key == flag; }; };
  if (std::ranges::any_of(settings, is("target"))) {
    std::erase_if(settings, [&](const Setting& s) { return is("opset")(s) && s.source == kBuiltIn; });
  }
  return settings;
}

std::vector<Setting> in_force(const CommandLine& line, const Session& session) {
  std::vector<Setting> all;
  for (const Setting& setting : session.config.settings) {
    if (setting.section == "defaults") continue;
    const auto same = std::ranges::find_if(
        all, [&](const Setting& s) { return s.section == setting.section && s.key == setting.key; });
    // Entries for one op stand side by side, whatever file they are in; of two pins of an op the later one counts.
    if (setting.section == "use" && same != all.end()) {
      *same = setting;
    } else if (setting.section == "ops" && setting.value.is_list()) {
      for (const YamlNode& entry : setting.value.items)
        all.push_back({setting.section, setting.key, entry, setting.source});
    } else {
      all.push_back(setting);
    }
  }
  std::ranges::move(flags_in_force(line, session), std::back_inserter(all));
  return all;
}

void print_line(std::string_view indent, const std::string& text, const Setting& setting) {
  std::cout << fmt::format("{}{}  # {}\n", indent, text, setting.source);
}

void print_section(std::string_view section, bool is_list, const std::vector<Setting>& settings) {
  std::vector<const Setting*> own;
  for (const Setting& setting : settings) {
    if (setting.section == section) own.push_back(&setting);
  }
  if (own.empty()) return;
  std::cout << section << ":\n";
  std::vector<std::string_view> printed;
  for (const Setting* setting : own) {
    if (is_list) {
      print_line("  - ", config::to_flow_text(setting->value), *setting);
      continue;
    }
    if (std::ranges::find(printed, setting->key) != printed.end()) continue;
    printed.push_back(setting->key);
    const auto is_same = [&](const Setting* other) { return other->key == setting->key; };
    const std::string key = config::to_flow_text(scalar(setting->key));
    if (std::ranges::count_if(own, is_same) == 1) {
      print_line("  ", key + ": " + config::to_flow_text(setting->value), *setting);
      continue;
    }
    std::cout << fmt::format("  {}:\n", key);
    for (const Setting* entry : own) {
      if (is_same(entry)) print_line("    - ", config::to_flow_text(long_form(entry->value)), *entry);
    }
  }
}

Json to_json(const YamlNode& node) {
  Json json;
  switch (node.kind) {
    case YamlNode::Kind::kNull: break;
    case YamlNode::Kind::kScalar:
      if (const auto i = config::int_of(node)) return *i;
      if (const auto b = config::bool_of(node)) return *b;
      if (const auto f = config::float_of(node); f && std::isfinite(*f)) return *f;
      return node.text;
    case YamlNode::Kind::kList:
      json = Json::array();
      for (const YamlNode& item : node.items) json.push_back(to_json(item));
      break;
    case YamlNode::Kind::kMap:
      json = Json::object();
      for (const auto& entry : node.entries) json[entry.key.text] = to_json(entry.value);
      break;
  }
  return json;
}

Json to_json(const std::vector<Setting>& settings, const registry::Target& target) {
  Json json = {{"flowport", 1}, {"target", {{"id", target.id}, {"opset", target.opset()}, {"ir", target.ir_version}}}};
  json["settings"] = Json::array();
  for (const auto& [section, is_list] : kSections) {
    for (const Setting& setting : settings) {
      if (setting.section != section) continue;
      Json one = {{"section", section}};
      if (!is_list) one["key"] = setting.key;
      one["value"] = to_json(setting.value);
      one["origin"] = setting.source;
      json["settings"].push_back(std::move(one));
    }
  }
  return json;
}

}  // namespace

int run_config(const Arguments& arguments) {
  SessionOptions session_options;
  bool json = false;
  po::options_description options("options");
  options.add_options()("json", po::bool_switch(&json), "the same as JSON")("help,h", "show this text");
  session_options.describe(options);
  auto line = parse(arguments, options, {}, kUsage);
  if (!line) return line.error();
  auto session = open_session(session_options, *line);
  if (!session) return report_problems(session.error());
  const auto settings = in_force(*line, **session);
  const auto& target = (*session)->target;
  if (json) {
    std::cout << to_json(settings, target).dump(2) << '\n';
    return 0;
  }
  std::cout << "flowport: 1\n";
  for (const auto& [section, is_list] : kSections) print_section(section, is_list, settings);
  std::cout << fmt::format("# target: {}, opset {}, IR {}\n", target.id, target.opset(), target.ir_version);
  return 0;
}

}  // namespace flowport::cli
