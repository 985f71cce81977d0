// A report with something in every field.
#pragma once

#include "report/report.h"

namespace flowport::report {

inline Report sample_report() {
  Report report;
  report.version = "1.2.3";
  report.model = "digits/saved_model";
  report.format = "SavedModel";
  report.signature = "serving_default";
  report.tags = {"serve"};
  report.inputs = {{"image", "float[N,8,8,1]"}};
  report.outputs = {{"scores", "float[N,10]"}};
  report.target = "default";
  report.opsets = {{"", 21}, {"com.example", 1}};
  report.ir_version = 10;
  report.plugins = {{"flowport.nn", "1.2.3", "plugins/nn.so"}};
  report.tf_ops = {{"BiasAdd", 2}, {"Conv2D", 2}, {"Frob", 1}};
  report.onnx_ops = {{"Conv", 2}, {"com.example.Frob", 1}};
  report.dropped = {{"Assert", 2}, {"PrintV2", 1}};
  report.handlers = {{"Conv2D", "flowport.nn/conv2d", 2}};
  report.overrides = {{"Frob", "frob.yaml:3 (user mapping)", "example/frob (contrib)"}};
  report.runtime_needs = {{"com.example", "Frob", 1, "libfrob.so", "RegisterCustomOps"}};
  report.warnings = {{"NaN is treated as zero", "node 'frob'"}};
  report.unsupported = {
      {"Zap", "no plugin converts it", "write a mapping", 5, {{"z1", ""}, {"z2", "f/g"}, {"z3", ""}}}};
  report.problems = {{Fault::kCheck, "the disk is full", "digits.onnx", "make room"}};
  report.files = {{"digits.onnx", 123456}};
  report.phases = {{"read", 1.5}, {"write", 20.0}};
  report.peak_memory = 52'000'000;
  return report;
}

}  // namespace flowport::report
