// The command `plugin`: what was found, what a file has, whether it keeps the rules, which ones to hold on to, and new ones.
#include <chrono>
#include <iostream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/parse.h"
#include "cli/plugin_new.h"
#include "cli/session.h"
#include "cli/tell.h"
#include "host/check_plugin.h"
#include "host/elf_file.h"

namespace flowport::cli {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

constexpr std::string_view kUsage =
    "usage: flowport plugin list [options]\n"
    "       flowport plugin inspect FILE.so [--json]\n"
    "       flowport plugin check FILE.so [--time-limit MS] [--json]\n"
    "       flowport plugin lock [-o plugins.lock] [--json] [options]\n"
    "       flowport plugin new NAME [--dir DIR] [--json]\n"
    "       flowport plugin rules [--json]\n\n"
    "list     every plugin file that was found: active, ready, shadowed or refused, and why\n"
    "inspect  what a file has, told without running any of its code\n"
    "check    whether a file keeps the rules of plugins; its code runs in a process of its own\n"
    "lock     writes the lock file for --locked: the plugins in use, by sha256\n"
    "new      writes the folder of a new plugin, which builds, passes `check` and converts a graph\n"
    "rules    the numbered rules that messages speak of\n\n"
    "`flowport plugin COMMAND --help` tells more.\n";

/// How many symbols the text form of `inspect` names; a plugin should export one.
constexpr std::size_t kMostExports = 6;

void print(const Json& json) { std::cout << json.dump(2) << '\n'; }

std::string_view state_of(const host::PluginRecord& plugin) {
  if (plugin.is_active()) return "active";
  if (plugin.is_usable()) return "ready";
  return plugin.shadowed_by.empty() ? "refused" : "shadowed";
}

// ---- list ------------------------------------------------------------------------------------------------------------

Json json_of(const host::PluginRecord& plugin) {
  return {{"state", state_of(plugin)},
          {"id", plugin.id},
          {"version", plugin.version},
          {"summary", plugin.summary},
          {"license", plugin.license},
          {"file", plugin.path.string()},
          {"found_through", plugin.found_through},
          {"layer", registry::name_of(plugin.layer)},
          {"stage", host::name_of(plugin.stage)},
          {"ops", plugin.ops},
          {"shadowed_by", plugin.shadowed_by},
          {"rule", plugin.rule},
          {"reason", plugin.reason},
          {"next", plugin.next}};
}

void print_text(const host::PluginRecord& plugin) {
  std::cout << fmt::format("{:<9} {:<28} {:<8} {}\n", state_of(plugin), plugin.id.empty() ? "?" : plugin.id,
                           plugin.version, plugin.summary);
  std::cout << fmt::format("          file    {} (found through {})\n", plugin.path.string(), plugin.found_through);
  if (plugin.is_usable()) return;
  std::cout << fmt::format("          stage   {}\n", host::name_of(plugin.stage));
  if (!plugin.shadowed_by.empty()) std::cout << fmt::format("          by      {}\n", plugin.shadowed_by);
  if (!plugin.reason.empty()) {
    std::cout << fmt::format("          why     {}{}\n", plugin.reason,
                             plugin.rule.empty() ? std::string() : fmt::format(" [{}]", plugin.rule));
  }
  if (!plugin.ops.empty()) std::cout << fmt::format("          without {}\n", join(plugin.ops, ", ", 6));
  if (!plugin.next.empty()) std::cout << fmt::format("          next    {}\n", plugin.next);
}

int run_list(const Arguments& arguments) {
  SessionOptions session_options;
  bool json = false;
  po::options_description options("options");
  options.add_options()("help,h", "show this text")("json", po::bool_switch(&json), "as JSON")(
      "load", po::bool_switch(&session_options.load_all_code),
      "load the code of all plugins too, which a run does only when a model needs it");
  session_options.describe(options);
  auto parsed =
      parse(arguments, options, {},
            "usage: flowport plugin list [options]\n\nLists every plugin file that was found: active, ready (known "
            "from its manifest, loaded when a model needs it), shadowed or refused, and why.\n\n"
            "  flowport plugin list\n"
            "  flowport plugin list --plugin ./flowport_cube.so --json\n\n");
  if (!parsed) return parsed.error();
  const auto session = open_session_as_it_is(session_options, *parsed);
  Json list = Json::array();
  for (const auto& plugin : session->plugins) {
    if (json) {
      list.push_back(json_of(plugin));
    } else {
      print_text(plugin);
    }
  }
  if (json) print(list);
  return report_problems(session->problems);
}

// ---- inspect ---------------------------------------------------------------------------------------------------------

Json json_of(const host::Manifest& manifest) {
  const host::Description& has = manifest.description;
  Json handlers = Json::array();
  for (const auto& row : has.rows) {
    handlers.push_back({{"op", row.tf_op},
                        {"id", row.id},
                        {"domain", row.domain.empty() ? "ai.onnx" : row.domain},
                        {"opset_min", row.opset_min},
                        {"opset_max", row.opset_max},
                        {"priority", row.priority},
                        {"const_inputs", row.const_inputs},
                        {"source", row.source},
                        {"doc", row.doc}});
  }
  Json tf_ops = Json::array();
  for (const auto& op : has.tf_ops) tf_ops.push_back({{"op", op.op}, {"declaration", op.text}});
  return {{"id", has.id},
          {"version", has.version},
          {"summary", has.summary},
          {"license", has.license},
          {"url", has.url},
          {"abi", fmt::format("{}.{}", manifest.abi_major, manifest.abi_minor)},
          {"min_host_minor", manifest.min_host_minor},
          {"handlers", std::move(handlers)},
          {"tf_ops", std::move(tf_ops)},
          {"others", manifest.other_rows}};
}

void print_text(const host::Manifest& manifest) {
  const host::Description& has = manifest.description;
  const auto line = [](std::string_view name, const std::string& text) {
    if (!text.empty()) std::cout << fmt::format("{:<9} {}\n", name, text);
  };
  line("id", has.id);
  line("version", has.version);
  line("summary", has.summary);
  line("license", has.license);
  line("url", has.url);
  line("ABI", fmt::format("{}.{}, needs a host of {}.{} or later", manifest.abi_major, manifest.abi_minor,
                          manifest.abi_major, manifest.min_host_minor));
  line("handlers", std::to_string(has.rows.size()));
  for (const auto& row : has.rows)
    std::cout << fmt::format("  {:<34} opset {:<6} {}\n", row.tf_op, range_text(row), row.doc);
  if (!has.tf_ops.empty()) line("TF ops", std::to_string(has.tf_ops.size()));
  for (const auto& op : has.tf_ops) std::cout << fmt::format("  {}\n", op.text);
  if (!manifest.other_rows.empty()) line("others", std::to_string(manifest.other_rows.size()));
  for (const auto& row : manifest.other_rows) std::cout << fmt::format("  {}\n", row);
}

/// The options of a command that takes one file.
tl::expected<CommandLine, int> parse_file(const Arguments& arguments, po::options_description& options, bool& json,
                                          std::string_view usage) {
  options.add_options()("help,h", "show this text")("json", po::bool_switch(&json), "as JSON");
  return parse(arguments, options, {"file"}, usage);
}

int run_inspect_plugin(const Arguments& arguments) {
  bool json = false;
  po::options_description options("options");
  auto parsed = parse_file(arguments, options, json,
                           "usage: flowport plugin inspect FILE.so [--json]\n\nTells what a plugin file has from its "
                           "manifest and its linkage. None of its code runs.\n\n"
                           "  flowport plugin inspect ./flowport_cube.so\n\n");
  if (!parsed) return parsed.error();
  const std::string& path = parsed->positional.at("file");

  const auto file = host::inspect(path, false);
  host::Manifest manifest;
  auto verdict = file ? host::Checked<void>() : tl::make_unexpected(file.error());
  if (file && file->manifest) verdict = host::read_manifest(*file->manifest, manifest);
  const auto hash = file ? sha256_of(file->opened->number()) : std::nullopt;
  const auto linkage = file ? host::read_linkage(file->opened->number(), file->identity.size) : std::nullopt;
  const bool has_manifest = file && file->manifest;

  if (json) {
    Json told{{"file", path}};
    if (file) told["size"] = file->identity.size;
    if (hash) told["sha256"] = *hash;
    if (linkage) told["needs"] = linkage->needed;
    if (linkage) told["exports"] = linkage->exports;
    told["manifest"] = has_manifest ? json_of(manifest) : Json();
    if (!verdict) {
      told["refused"] = {{"rule", host::number_of(verdict.error().rule)},
                         {"reason", verdict.error().reason},
                         {"next", verdict.error().next}};
    }
    print(told);
  } else {
    std::cout << fmt::format("file      {}\n", path);
    if (file) std::cout << fmt::format("size      {} bytes\n", file->identity.size);
    if (hash) std::cout << fmt::format("sha256    {}\n", *hash);
    if (linkage) std::cout << fmt::format("needs     {}\n", fmt::join(linkage->needed, ", "));
    if (linkage) std::cout << fmt::format("exports   {}\n", join(linkage->exports, ", ", kMostExports));
    if (has_manifest) print_text(manifest);
    if (file && !has_manifest)
      std::cout << "manifest  none: only its code can tell what it has, see `flowport plugin list --plugin " << path
                << "`\n";
  }
  if (verdict) return 0;
  return report_problems(
      {{Fault::kPlugin,
        fmt::format("it would be refused: {} [{}]", verdict.error().reason, host::number_of(verdict.error().rule)),
        path, verdict.error().next}});
}

// ---- check -----------------------------------------------------------------------------------------------------------

void print_text(const host::PluginCheck& check) {
  const auto& id = check.manifest.description.id;
  std::cout << fmt::format("{}{}\n", check.path.string(), id.empty() ? std::string() : fmt::format(" ({})", id));
  for (const auto& finding : check.findings) {
    std::cout << fmt::format("  {}  {}\n         rule    {}\n         next    {}\n", host::number_of(finding.rule),
                             finding.reason, host::rule_text(finding.rule).text, finding.next);
  }
  if (check.calls > 0) std::cout << fmt::format("{} calls of handlers with odd nodes\n", check.calls);
  std::cout << (check.is_refused() ? "FAILED\n" : check.findings.empty() ? "OK\n" : "OK, with remarks\n");
}

int run_check_plugin(const Arguments& arguments) {
  bool json = false;
  int limit = 10'000;
  po::options_description options("options");
  options.add_options()("time-limit", po::value(&limit)->value_name("MS"),
                        "for how long loading, and each call of a handler, may go on (default 10000)");
  auto parsed = parse_file(arguments, options, json,
                           "usage: flowport plugin check FILE.so [--time-limit MS] [--json]\n\nChecks the file by the "
                           "numbered rules of plugins. Its code runs in a process of its own: it is loaded, and each "
                           "handler is called with nodes that no model has.\n\n"
                           "  flowport plugin check ./flowport_cube.so\n\n");
  if (!parsed) return parsed.error();
  if (limit < 1) {
    return report_problems({{Fault::kUsage, fmt::format("--time-limit is {} ms", limit), {}, "give 1 or more"}});
  }
  const auto check = host::check_plugin(parsed->positional.at("file"), std::chrono::milliseconds(limit));
  if (json) {
    Json findings = Json::array();
    for (const auto& finding : check.findings) {
      findings.push_back({{"rule", host::number_of(finding.rule)},
                          {"text", host::rule_text(finding.rule).text},
                          {"reason", finding.reason},
                          {"next", finding.next}});
    }
    print({{"file", check.path.string()},
           {"ok", !check.is_refused()},
           {"calls", check.calls},
           {"findings", std::move(findings)}});
  } else {
    print_text(check);
  }
  return check.is_refused() ? exit_status(Fault::kPlugin) : 0;
}

// ---- lock ------------------------------------------------------------------------------------------------------------

int run_lock(const Arguments& arguments) {
  SessionOptions session_options;
  bool json = false;
  std::string output = "plugins.lock";
  po::options_description options("options");
  options.add_options()("help,h", "show this text")("json", po::bool_switch(&json), "what was written, as JSON")(
      "output,o", po::value(&output)->value_name("FILE"), "the lock file (default plugins.lock)");
  session_options.describe(options);
  auto parsed = parse(
      arguments, options, {},
      "usage: flowport plugin lock [-o plugins.lock] [--json] [options]\n\nWrites down the plugins in use by sha256. "
      "`flowport convert --locked plugins.lock` then loads these files and no others.\n\n"
      "  flowport plugin lock --plugin ./flowport_cube.so -o plugins.lock\n\n");
  if (!parsed) return parsed.error();
  const auto session = open_session(session_options, *parsed);
  if (!session) return report_problems(session.error());
  const auto lock = host::lock_of((*session)->plugins);
  if (!lock) return report_problems({lock.error()});
  if (const int status = save_text(output, host::lock_text(*lock)); status != 0) return status;
  if (json) {
    Json plugins = Json::array();
    for (const auto& [id, entry] : lock->entries)
      plugins.push_back({{"id", id}, {"version", entry.version}, {"sha256", entry.sha256}});
    print({{"file", output}, {"plugins", std::move(plugins)}});
  } else {
    std::cout << fmt::format("Written    {} ({} plugins)\n", output, lock->entries.size());
  }
  return 0;
}

// ---- rules -----------------------------------------------------------------------------------------------------------

std::string_view name_of(host::Breach breach) {
  switch (breach) {
    case host::Breach::kRefused: return "refused";
    case host::Breach::kFault: return "fault";
    case host::Breach::kRemark: return "remark";
  }
  return "?";
}

int run_rules(const Arguments& arguments) {
  bool json = false;
  po::options_description options("options");
  options.add_options()("help,h", "show this text")("json", po::bool_switch(&json), "as JSON");
  const auto parsed =
      parse(arguments, options, {},
            "usage: flowport plugin rules [--json]\n\nTells the numbered rules of plugins. A plugin that breaks one is "
            "refused; what the host cannot see, `flowport plugin check` tells as a fault or as a remark.\n\n");
  if (!parsed) return parsed.error();
  Json rules = Json::array();
  for (const auto& rule : host::kRules) {
    if (json) {
      rules.push_back({{"rule", rule.number}, {"breach", name_of(rule.breach)}, {"text", rule.text}});
    } else {
      std::cout << fmt::format("{}  {:<7}  {}\n", rule.number, name_of(rule.breach), rule.text);
    }
  }
  if (json) print(rules);
  return 0;
}

}  // namespace

int run_plugin(const Arguments& arguments) {
  struct Subcommand {
    std::string_view name;
    int (*run)(const Arguments&);
  };
  constexpr Subcommand kSubcommands[] = {{"list", run_list},          {"inspect", run_inspect_plugin},
                                         {"check", run_check_plugin}, {"lock", run_lock},
                                         {"new", run_plugin_new},     {"rules", run_rules}};
  if (arguments.empty() || arguments.front() == "--help" || arguments.front() == "-h") {
    std::cout << kUsage;
    return arguments.empty() ? exit_status(Fault::kUsage) : 0;
  }
  std::vector<std::string_view> names;
  for (const auto& subcommand : kSubcommands) {
    if (subcommand.name == arguments.front()) return subcommand.run({arguments.begin() + 1, arguments.end()});
    names.push_back(subcommand.name);
  }
  std::string next = did_you_mean(arguments.front(), names);
  if (next.empty()) next = fmt::format("there are: {}", fmt::join(names, ", "));
  return report_problems(
      {{Fault::kUsage, fmt::format("there is no `plugin {}`", arguments.front()), {}, std::move(next)}});
}

}  // namespace flowport::cli
