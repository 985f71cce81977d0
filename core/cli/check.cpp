#include <iostream>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/command.h"
#include "cli/model_options.h"
#include "cli/parse.h"
#include "cli/session.h"
#include "cli/tell.h"
#include "convert/convert.h"
#include "optimize/optimize.h"
#include "recognize/recognize.h"
#include "report/report.h"

namespace flowport::cli {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kUsage = R"(usage: flowport check MODEL [options]

Says whether MODEL would convert, and for each op that would not: why, and what would help. Writes nothing.

  flowport check saved_model
  flowport check frozen.pb --outputs probs:0 --opset 18

)";

}  // namespace

int run_check(const Arguments& arguments) {
  ModelOptions model;
  SessionOptions session_options;
  bool json = false;
  po::options_description options("options");
  options.add_options()("json", po::bool_switch(&json), "the report as JSON")("help,h", "show this text");
  model.describe(options);
  session_options.describe(options);
  auto parsed = parse(arguments, options, {"model"}, kUsage);
  if (!parsed) return parsed.error();
  model.path = parsed->positional.at("model");
  auto session = open_session(session_options, *parsed);
  if (!session) return report_problems(session.error());
  if (const auto problems = model.finish(); !problems.empty()) return report_problems(problems);
  auto program = model.read((*session)->registry);
  if (!program) return report_problems({program.error()});
  report::Report report;
  report.version = FLOWPORT_VERSION;
  report.model = model.path;
  tell_session(**session, report);
  tell_program(**program, report);
  auto conversion = convert::convert(**program, (*session)->registry, (*session)->target, model.interface);
  tell_conversion(conversion, **session, report);
  if (conversion.ok()) {
    // The limits speak of the model that convert would write.
    auto recognized = recognize::recognize(conversion.model, (*session)->registry, (*session)->target);
    report.problems = std::move(recognized.problems);
    if (report.problems.empty()) {
      optimize::optimize(conversion.model, optimizing((*session)->target, {}));
      within_limits(conversion.model, (*session)->target, report);
    }
  }
  if (json) std::cout << report::to_json(report);
  const int status = report_failure(report);
  if (status == 0 && !json) std::cout << report::summary_text(report) << "OK: every op converts\n";
  return status;
}

}  // namespace flowport::cli
