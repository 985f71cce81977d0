// From what the rooms did to the report.
#pragma once

#include <string>

#include "cli/session.h"
#include "convert/convert.h"
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

/// Prints what kept the model from being converted, and gives the exit status; 0 where nothing did.
int report_failure(const report::Report& report);

}  // namespace flowport::cli
