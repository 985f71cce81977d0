#include "cli/session.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "report/report.h"

namespace flowport::cli {

namespace po = boost::program_options;

void SessionOptions::describe(po::options_description& options) {
  options.add_options()("opset", po::value(&opset)->value_name("N"), "opset of the result, 13 to 28 (default 21)")(
      "target", po::value(&target)->value_name("NAME"),
      "what will run the model, such as openvino-2026 or tensorrt-10; see `flowport target list`")(
      "config", po::value(&configs)->value_name("F.yaml"),
      "mappings, plugins, pins and defaults from a file; repeatable")("plugin", po::value(&plugins)->value_name("F.so"),
                                                                      "load a plugin; repeatable")(
      "plugin-dir", po::value(&plugin_folders)->value_name("DIR"), "load the plugins of a folder; repeatable")(
      "use", po::value(&pins)->value_name("OP=OWNER"), "let only this plugin or file convert the op; repeatable")(
      "disable", po::value(&disabled)->value_name("GLOB"), "leave out plugins by id; repeatable")(
      "enable", po::value(&enabled)->value_name("GLOB"),
      "keep plugins by id that --disable would leave out; repeatable")(
      "locked", po::value(&lock)->value_name("FILE"),
      "load no other plugins than this lock file has; see `flowport plugin lock`");
}

namespace {

/// Writes lines about `what` to the standard error stream where FLOWPORT_DEBUG, words separated by commas, has it.
std::function<void(const std::string&)> trace_of(std::string_view what) {
  const char* variable = std::getenv("FLOWPORT_DEBUG");
  std::string_view rest = variable == nullptr ? "" : variable;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    if (rest.substr(0, comma) == what) {
      return [prefix = fmt::format("{}: ", what)](const std::string& line) { std::cerr << prefix << line << '\n'; };
    }
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return {};
}

/// Reads the files of --config into the session: mappings, targets and pins into its registry.
host::LoadOptions load_configs(const std::vector<std::string>& paths, Session& session, Problems& problems) {
  host::LoadOptions load;
  config::LoadOptions options;
  options.flags = default_flags();
  for (const auto& path : paths) {
    auto loaded = config::load_config(path, session.registry, options);
    std::ranges::move(loaded.problems, std::back_inserter(problems));
    for (auto& plugin : loaded.config.plugins)
      load.configured.push_back({std::move(plugin.file), std::move(plugin.options), std::move(plugin.source)});
    std::ranges::move(loaded.config.defaults, std::back_inserter(session.config.defaults));
    std::ranges::move(loaded.config.settings, std::back_inserter(session.config.settings));
  }
  return load;
}

/// Adds the rows of mapping files that lie beside plugins. No lock covers such a file.
Problems load_mappings_of_plugins(Session& session) {
  Problems problems;
  for (const auto& plugin : session.plugins) {
    const auto path = config::mapping_file_of(plugin.path);
    std::error_code error;
    if (!plugin.is_usable() || !std::filesystem::exists(path, error)) continue;
    if (session.lock) {
      problems.push_back({Fault::kPlugin,
                          fmt::format("plugin '{}' has a mapping file, which no lock covers", plugin.id), path.string(),
                          "name it with --config and move it away, or go without --locked"});
      continue;
    }
    const auto owner = std::ranges::find(session.registry.owners(), plugin.id, &registry::Owner::id);
    std::ranges::move(config::load_plugin_mappings(path, *owner, session.registry).problems,
                      std::back_inserter(problems));
  }
  return problems;
}

}  // namespace

tl::expected<std::unique_ptr<Session>, Problems> open_session() { return open_session({}, {}); }

tl::expected<std::unique_ptr<Session>, Problems> open_session(const SessionOptions& options, const CommandLine& line) {
  auto session = open_session_as_it_is(options, line);
  std::cerr << report::warnings_text(session->warnings);
  if (!session->problems.empty()) return tl::make_unexpected(std::move(session->problems));
  return session;
}

std::unique_ptr<Session> open_session_as_it_is(const SessionOptions& options, const CommandLine& line) {
  auto session = std::make_unique<Session>();
  Problems& problems = session->problems;
  const auto take = [&](Problems more) {
    problems.insert(problems.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };

  host::LoadOptions load = load_configs(options.configs, *session, problems);
  if (line.set_defaults) take(line.set_defaults(session->config.defaults));
  load.files.assign(options.plugins.begin(), options.plugins.end());
  load.folders.assign(options.plugin_folders.begin(), options.plugin_folders.end());
  load.disabled = options.disabled;
  load.enabled = options.enabled;
  if (!options.lock.empty()) {
    if (auto lock = host::read_lock(options.lock)) {
      session->lock = *std::move(lock);
      load.lock = session->lock;
    } else {
      problems.push_back(std::move(lock.error()));
      return session;
    }
  }
  load.load_all_code = options.load_all_code;
  load.trace = trace_of("plugins");
  auto plugins = host::load_plugins(load, session->installation, session->registry);
  take(std::move(plugins.problems));
  session->warnings = std::move(plugins.warnings);
  session->plugins = std::move(plugins.plugins);
  take(load_mappings_of_plugins(*session));
  take(config::load_builtin_mappings(session->installation.configs / "mappings", session->registry).problems);

  for (const auto& pin : options.pins) {
    const auto equals = pin.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == pin.size()) {
      problems.push_back({Fault::kUsage, fmt::format("--use takes OP=OWNER, not '{}'", pin), {}, {}});
    } else {
      session->registry.pin(pin.substr(0, equals), pin.substr(equals + 1), "--use " + pin);
    }
  }
  take(session->registry.check_pins());

  const std::string id = !options.target.empty()
                             ? options.target
                             : fmt::format("onnx-{}", options.opset != 0 ? options.opset : kDefaultOpset);
  take(config::load_builtin_targets(session->installation.configs / "targets", id, session->registry));
  auto target = session->registry.target(id);
  if (!target) {
    problems.push_back(target.error());
  } else if (!options.target.empty() && options.opset != 0 && options.opset != target->opset()) {
    problems.push_back({Fault::kUsage,
                        fmt::format("--target {} has opset {}, --opset says {}", id, target->opset(), options.opset),
                        {},
                        "leave one of the two out"});
  } else {
    session->target = *std::move(target);
  }
  return session;
}

}  // namespace flowport::cli
