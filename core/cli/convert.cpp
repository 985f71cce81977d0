#include <sys/resource.h>

#include <chrono>
#include <iostream>
#include <utility>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "base/temporary_file.h"
#include "cli/command.h"
#include "cli/parse.h"
#include "cli/session.h"
#include "convert/convert.h"
#include "optimize/optimize.h"
#include "report/report.h"
#include "tensorflow/reader.h"
#include "write/write.h"

namespace flowport::cli {

namespace po = boost::program_options;

namespace {

struct Options {
  std::string model, output, report, external_data = "auto";
  std::vector<std::string> tags, shapes;
  std::string inputs, outputs;
  std::vector<std::string> disabled_passes;
  convert::InterfaceOptions interface;
  SessionOptions session;
  bool quiet = false, no_provenance = false, no_optimize = false;
};

po::options_description describe(Options& options) {
  po::options_description all("options");
  all.add_options()
      ("output,o", po::value(&options.output)->value_name("OUT.onnx"), "where to write the model")
      ("signature", po::value(&options.interface.signature)->value_name("KEY"), "signature to convert (default serving_default)")
      ("tag", po::value(&options.tags)->value_name("TAG"), "tag of the MetaGraph of a SavedModel; repeatable")
      ("inputs", po::value(&options.inputs)->value_name("A:0,B:0"), "tensors that become the inputs; anywhere in the graph")
      ("outputs", po::value(&options.outputs)->value_name("C:0"), "tensors that become the outputs; anywhere in the graph")
      ("shape", po::value(&options.shapes)->value_name("X=N,224,224,3"), "shape of an input; names stand for unknown dims; repeatable")
      ("external-data", po::value(&options.external_data)->value_name("auto|always|never"), "weights in OUT.onnx.data (auto: above 2 GB)")
      ("no-provenance", po::bool_switch(&options.no_provenance), "leave out where each node comes from")
      ("no-optimize", po::bool_switch(&options.no_optimize), "leave out all optimization passes")
      ("disable-pass", po::value(&options.disabled_passes)->value_name("NAME"), "leave out one optimization pass; repeatable")
      ("report", po::value(&options.report)->value_name("F.json"), "write what happened as JSON")
      ("quiet,q", po::bool_switch(&options.quiet), "say only problems")
      ("help,h", "show this text");
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

std::string format_name(tf::Format format) {
  switch (format) {
    case tf::Format::kSavedModel: return "SavedModel";
    case tf::Format::kGraphDef: return "GraphDef";
    case tf::Format::kGraphDefText: return "GraphDef as text";
    case tf::Format::kCheckpoint: return "checkpoint";
  }
  return {};
}

std::string place(const std::string& node, const std::string& path) { return path.empty() ? node : path + ": " + node; }

void tell_session(const Session& session, report::Report& report) {
  report.target = session.target.id;
  report.ir_version = session.target.ir_version;
  for (const auto& plugin : session.plugins) {
    if (plugin.is_active()) report.plugins.push_back({plugin.id, plugin.version, plugin.path.string()});
  }
}

void tell_conversion(const convert::Conversion& conversion, report::Report& report) {
  const auto& journal = conversion.journal;
  report.signature = conversion.signature;
  for (const auto& import : conversion.model.opsets) report.opsets[import.domain] = import.version;
  report.tf_ops = journal.tf_ops;
  report.dropped = journal.dropped;
  for (const auto& [key, count] : journal.handlers) report.handlers.push_back({key.first, key.second, count});
  for (const auto& warning : journal.warnings) {
    report.warnings.push_back({fmt::format("{}: {}", warning.op, warning.text), place(warning.node, warning.path)});
  }
  std::vector<report::UnsupportedNode> unsupported;
  for (const auto& problem : journal.problems) {
    if (problem.fault == Fault::kUnsupported) {
      unsupported.push_back({problem.op, problem.node, problem.path, problem.reason, problem.next});
    } else {
      std::string where = place(problem.node, problem.path);
      if (problem.handler != "core") where += ", by " + problem.handler;
      report.problems.push_back({problem.fault, fmt::format("{}: {}", problem.op, problem.reason), std::move(where), problem.next});
    }
  }
  report.unsupported = report::group_by_op(unsupported);
  report.problems.insert(report.problems.end(), conversion.problems.begin(), conversion.problems.end());
  for (const auto* schema : conversion.custom_ops) {
    report.runtime_needs.push_back({schema->domain, schema->op, schema->library, schema->registration});
  }
  for (const auto value : conversion.model.graph.inputs) {
    const auto& input = conversion.model.values[value];
    report.inputs.push_back({input.name, report::type_text(conversion.model, input.type)});
  }
  for (const auto value : conversion.model.graph.outputs) {
    const auto& output = conversion.model.values[value];
    report.outputs.push_back({output.name, report::type_text(conversion.model, output.type)});
  }
}

int save_report(const report::Report& report, const std::string& path) {
  if (path.empty()) return 0;
  const std::string json = report::to_json(report);
  auto file = TemporaryFile::create(path);
  if (!file) return report_problems({file.error()});
  if (auto written = file->write(std::as_bytes(std::span(json))); !written) return report_problems({written.error()});
  if (auto committed = file->commit(); !committed) return report_problems({committed.error()});
  return 0;
}

/// Everything between the options and the report. Gives the exit status.
int convert_model(const Options& options, report::Report& report) {
  Phases phases(report);
  auto session = open_session(options.session);
  if (!session) return report_problems(report.problems = std::move(session.error()));
  tell_session(**session, report);
  phases.done("set-up");

  auto program = tf::read_model(options.model, {options.tags, {}});
  if (!program) return report_problems(report.problems = {program.error()});
  report.format = format_name((*program)->format());
  report.tags = (*program)->tags();
  phases.done("read");

  auto conversion = convert::convert(**program, (*session)->registry, (*session)->target, options.interface);
  tell_conversion(conversion, report);
  phases.done("convert");
  if (!conversion.ok()) {
    std::cerr << report::problems_text(report.unsupported);
    const int status = report.unsupported.empty() ? 0 : exit_status(Fault::kUnsupported);
    const int others = report_problems(report.problems);
    std::cerr << "FAILED: nothing was written\n";
    return others != 0 ? others : status;
  }

  if (!options.no_optimize) optimize::optimize(conversion.model, {options.disabled_passes});
  phases.done("optimize");

  write::WriteOptions write_options;
  write_options.provenance = !options.no_provenance;
  write_options.external_data = options.external_data == "always"  ? write::WriteOptions::ExternalData::kAlways
                                : options.external_data == "never" ? write::WriteOptions::ExternalData::kNever
                                                                   : write::WriteOptions::ExternalData::kAuto;
  conversion.model.producer_version = FLOWPORT_VERSION;
  auto written = write::write_model(conversion.model, options.output, write_options);
  if (!written) return report_problems(report.problems = {written.error()});
  phases.done("write");
  report.onnx_ops = written->ops;
  report.files.push_back({options.output, written->bytes});
  if (!written->data_path.empty()) report.files.push_back({written->data_path.string(), written->external_bytes});
  return 0;
}

}  // namespace

int run_convert(const Arguments& arguments) {
  Options options;
  const auto description = describe(options);
  auto parsed = parse(arguments, description, {"model"}, kUsage);
  if (!parsed) return parsed.error();
  options.model = parsed->at("model");
  Problems problems;
  options.interface.inputs = split_names(options.inputs);
  options.interface.outputs = split_names(options.outputs);
  for (const auto& shape : options.shapes) {
    auto spec = parse_shape(shape);
    if (spec) {
      options.interface.shapes.insert(*std::move(spec));
    } else {
      problems.push_back(spec.error());
    }
  }
  if (options.output.empty()) problems.push_back({Fault::kUsage, "no output was named", {}, "say where with -o OUT.onnx"});
  for (const char* choice : {"auto", "always", "never", ""}) {
    if (options.external_data == choice) break;
    if (*choice == '\0') {
      problems.push_back({Fault::kUsage, fmt::format("--external-data takes auto, always or never, not '{}'", options.external_data), {}, {}});
    }
  }
  if (!problems.empty()) return report_problems(problems);

  report::Report report;
  report.version = FLOWPORT_VERSION;
  report.model = options.model;
  int status = convert_model(options, report);
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) report.peak_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  if (status == 0 && !options.quiet) std::cout << report::summary_text(report) << "OK\n";
  const int saved = save_report(report, options.report);
  return status != 0 ? status : saved;
}

}  // namespace flowport::cli
