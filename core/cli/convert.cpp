#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/command.h"
#include "cli/model_options.h"
#include "cli/parse.h"
#include "cli/progress_bar.h"
#include "cli/session.h"
#include "cli/tell.h"
#include "convert/convert.h"
#include "optimize/optimize.h"
#include "recognize/recognize.h"
#include "report/report.h"
#include "write/write.h"

namespace flowport::cli {

namespace po = boost::program_options;

namespace {

struct Options {
  std::string output, report, external_data = "auto";
  std::vector<std::string> disabled_passes;
  ModelOptions model;
  SessionOptions session;
  bool quiet = false, no_provenance = false, no_optimize = false;
};

po::options_description describe(Options& options) {
  po::options_description all("options");
  all.add_options()("output,o", po::value(&options.output)->value_name("OUT.onnx"), "where to write the model")(
      "external-data", po::value(&options.external_data)->value_name("auto|always|never"),
      "weights in OUT.onnx.data (auto: above 2 GB)")("no-provenance", po::bool_switch(&options.no_provenance),
                                                     "leave out where each node comes from")(
      "no-optimize", po::bool_switch(&options.no_optimize), "leave out recognition and all optimization passes")(
      "disable-pass", po::value(&options.disabled_passes)->value_name("NAME"),
      "leave out one optimization pass, or recognize; repeatable")(
      "report", po::value(&options.report)->value_name("F.json"), "write what happened as JSON")(
      "quiet,q", po::bool_switch(&options.quiet), "say only problems")("help,h", "show this text");
  options.model.describe(all);
  options.session.describe(all);
  return all;
}

constexpr std::string_view kUsage = R"(usage: flowport convert MODEL -o OUT.onnx [options]

MODEL is a SavedModel folder, a frozen graph (.pb or .pbtxt) or a checkpoint (its prefix, or its .meta or .index file).

  flowport convert saved_model -o model.onnx
  flowport convert frozen.pb --inputs image:0 --outputs probs:0 --shape image:0=N,224,224,3 -o model.onnx
  flowport convert saved_model --opset 18 --report report.json -o model.onnx

)";

class Phases {
 public:
  explicit Phases(report::Report& report) : report_(report) {}
  void done(std::string name) {
    const auto now = std::chrono::steady_clock::now();
    report_.phases.push_back({std::move(name), std::chrono::duration<double, std::milli>(now - start_).count()});
    start_ = now;
  }

 private:
  report::Report& report_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The process's own largest resident size in bytes; 0 where the system does not tell. (getrusage counts what the process was
/// forked from as well.)
std::uint64_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
  }
  return 0;
}

/// What is wrong with the options, once those of files are among them.
Problems finish(Options& options) {
  Problems problems = options.model.finish();
  if (options.output.empty())
    problems.push_back({Fault::kUsage, "no output was named", {}, "say where with -o OUT.onnx"});
  constexpr std::array<std::string_view, 3> kChoices{"auto", "always", "never"};
  if (std::ranges::find(kChoices, options.external_data) == kChoices.end()) {
    problems.push_back({Fault::kUsage,
                        fmt::format("--external-data takes auto, always or never, not '{}'", options.external_data),
                        {},
                        {}});
  }
  return problems;
}

constexpr ProgressBar::Phase kReading{"reading", 0, 0.1};
constexpr ProgressBar::Phase kConverting{"converting", 0.1, 0.5};
constexpr ProgressBar::Phase kOptimizing{"optimizing", 0.5, 0.6};
constexpr ProgressBar::Phase kWriting{"writing", 0.6, 1};

/// The lock under which the model was made, so that it can be made again: "sha256 id version" of each plugin.
void add_metadata(const host::Lock& lock, ir::Model& model) {
  std::string text;
  for (const auto& [id, entry] : lock.entries) text += fmt::format("{} {} {}\n", entry.sha256, id, entry.version);
  model.metadata.emplace_back("flowport.lock", std::move(text));
}

/// Everything between the session and the report, which tells whether it succeeded.
void convert_model(const Options& options, const Session& session, report::Report& report) {
  std::optional<ProgressBar> bar;
  if (!options.quiet) bar.emplace();
  const auto begin = [&](const ProgressBar::Phase& phase) { return bar ? bar->begin(phase) : nullptr; };
  Phases phases(report);
  begin(kReading);
  auto program = options.model.read(session.registry);
  if (!program) {
    report.problems = {program.error()};
    return;
  }
  tell_program(**program, report);
  phases.done("read");

  auto conversion =
      convert::convert(**program, session.registry, session.target, options.model.interface, begin(kConverting));
  tell_conversion(conversion, session, report);
  phases.done("convert");
  if (!conversion.ok()) return;

  begin(kOptimizing);
  const auto& disabled = options.disabled_passes;
  if (!options.no_optimize && std::find(disabled.begin(), disabled.end(), "recognize") == disabled.end()) {
    auto recognized = recognize::recognize(conversion.model, session.registry, session.target);
    for (auto& note : recognized.notes) report.warnings.push_back({std::move(note), {}});
    if (!recognized.problems.empty()) {
      report.problems = std::move(recognized.problems);
      return;
    }
  }
  phases.done("recognize");

  if (!options.no_optimize) optimize::optimize(conversion.model, optimizing(session.target, options.disabled_passes));
  phases.done("optimize");
  if (!within_limits(conversion.model, session.target, report)) return;

  write::WriteOptions write_options;
  write_options.provenance = !options.no_provenance;
  write_options.external_data = options.external_data == "always"  ? write::WriteOptions::ExternalData::kAlways
                                : options.external_data == "never" ? write::WriteOptions::ExternalData::kNever
                                                                   : write::WriteOptions::ExternalData::kAuto;
  write_options.progress = begin(kWriting);
  conversion.model.producer_version = FLOWPORT_VERSION;
  if (session.lock) add_metadata(*session.lock, conversion.model);
  auto written = write::write_model(conversion.model, options.output, write_options);
  if (!written) {
    report.problems = {written.error()};
    return;
  }
  phases.done("write");
  tell_needs(conversion.model, session.registry, report);
  report.onnx_ops = written->ops;
  report.files.push_back({options.output, written->bytes});
  if (!written->data_path.empty()) report.files.push_back({written->data_path.string(), written->external_bytes});
}

}  // namespace

std::vector<std::string> default_flags() {
  Options options;
  std::vector<std::string> flags;
  const auto description = describe(options);
  for (const auto& option : description.options()) {
    if (option->long_name() != "config" && option->long_name() != "help") flags.push_back(option->long_name());
  }
  flags.emplace_back("json");
  return flags;
}

std::map<std::string, std::string, std::less<>> built_in_defaults() {
  Options options;
  std::map<std::string, std::string, std::less<>> values{{"external-data", options.external_data},
                                                         {"opset", std::to_string(kDefaultOpset)}};
  const auto description = describe(options);
  for (const auto& option : description.options()) {
    const bool is_switch = option->semantic()->max_tokens() == 0;
    if (is_switch && option->long_name() != "help") values.emplace(option->long_name(), "false");
  }
  return values;
}

int run_convert(const Arguments& arguments) {
  Options options;
  const auto description = describe(options);
  auto parsed = parse(arguments, description, {"model"}, kUsage);
  if (!parsed) return parsed.error();
  options.model.path = parsed->positional.at("model");
  report::Report report;
  report.version = FLOWPORT_VERSION;
  report.model = options.model.path;
  Phases phases(report);
  auto session = open_session(options.session, *parsed);
  report.problems = finish(options);
  if (session) {
    tell_session(**session, report);
  } else {
    std::ranges::move(session.error(), std::back_inserter(report.problems));
  }
  phases.done("set-up");
  if (report.problems.empty()) convert_model(options, **session, report);
  report.peak_memory = peak_memory();
  const int status = report_failure(report);
  if (status != 0) {
    std::cerr << "FAILED: nothing was written\n";
  } else if (!options.quiet) {
    std::cout << report::summary_text(report) << "OK\n";
  }
  const int saved = options.report.empty() ? 0 : save_text(options.report, report::to_json(report));
  return status != 0 ? status : saved;
}

}  // namespace flowport::cli
