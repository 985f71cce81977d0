// From what the rooms did to the report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/session.h"
#include "convert/convert.h"
#include "optimize/optimize.h"
#include "report/report.h"
#include "tensorflow/program.h"

namespace flowport::cli {

/// "SavedModel", "GraphDef", ...
std::string format_name(tf::Format format);

void tell_session(const Session& session, report::Report& report);
void tell_program(const tf::Program& program, report::Report& report);
void tell_conversion(const convert::Conversion& conversion, const Session& session, report::Report& report);
/// What the finished model needs to run beside ONNX's own ops.
void tell_needs(ir::Model& model, const registry::Registry& registry, report::Report& report);

/// "org.flowport.nn 0.1.0", or "mine.yaml:3" of a mapping.
std::string owner_text(const registry::Row& row);
/// "13+", "13-17", "18": the opsets that a row is for.
std::string range_text(const registry::Row& row);

/// Writes a file, whole or not at all. Gives the exit status, after printing what went wrong.
int save_text(const std::string& path, std::string_view text);

/// Passes for a model that has to stay within the target's limits.
optimize::OptimizeOptions optimizing(const registry::Target& target, std::vector<std::string> disabled);

/// Tells the report which nodes of a finished model the target does not take; whether there are none.
bool within_limits(ir::Model& model, const registry::Target& target, report::Report& report);

/// Prints what kept the model from being converted, and gives the exit status; 0 where nothing did.
int report_failure(const report::Report& report);

}  // namespace flowport::cli
