// The targets that `--opset N` names: for each opset of ai.onnx the ai.onnx.ml and IR versions of the ONNX release that brought
// it (onnx.helper.VERSION_TABLE), on top of what ONNX Runtime's CPU kernels cannot take.
#include <flowport/plugin.hpp>

#include "kernels.hpp"

namespace {

constexpr flowport_domain_version kDomains[][2] = {
    {{"", 13, 0}, {"ai.onnx.ml", 2, 0}}, {{"", 14, 0}, {"ai.onnx.ml", 2, 0}}, {{"", 15, 0}, {"ai.onnx.ml", 2, 0}},
    {{"", 16, 0}, {"ai.onnx.ml", 3, 0}}, {{"", 17, 0}, {"ai.onnx.ml", 3, 0}}, {{"", 18, 0}, {"ai.onnx.ml", 3, 0}},
    {{"", 19, 0}, {"ai.onnx.ml", 3, 0}}, {{"", 20, 0}, {"ai.onnx.ml", 4, 0}}, {{"", 21, 0}, {"ai.onnx.ml", 5, 0}},
    {{"", 22, 0}, {"ai.onnx.ml", 5, 0}}, {{"", 23, 0}, {"ai.onnx.ml", 5, 0}}, {{"", 24, 0}, {"ai.onnx.ml", 5, 0}},
    {{"", 25, 0}, {"ai.onnx.ml", 5, 0}}, {{"", 26, 0}, {"ai.onnx.ml", 5, 0}}, {{"", 27, 0}, {"ai.onnx.ml", 5, 0}},
    {{"", 28, 0}, {"ai.onnx.ml", 5, 0}},
};

constexpr const char* kParent = "onnxruntime-cpu";

constexpr flowport_target target(const char* id, std::uint32_t ir_version, const char* doc) {
  const std::size_t row = static_cast<std::size_t>((id[5] - '0') * 10 + (id[6] - '0')) - 13;
  return {id, kParent, ir_version, 0, {kDomains[row], 2, sizeof(kDomains[row][0])}, {}, doc, {}, 0, 0};
}

constexpr flowport_target kTargets[] = {
    {kParent,
     nullptr,
     0,
     0,
     {},
     {kernels::kDenials, std::size(kernels::kDenials), sizeof(kernels::kDenials[0])},
     "limits of ONNX Runtime's CPU kernels; the parent of the others",
     {},
     0,
     0},
    target("onnx-13", 7, "ONNX 1.8"),
    target("onnx-14", 7, "ONNX 1.9"),
    target("onnx-15", 8, "ONNX 1.10"),
    target("onnx-16", 8, "ONNX 1.11"),
    target("onnx-17", 8, "ONNX 1.12"),
    target("onnx-18", 8, "ONNX 1.13"),
    target("onnx-19", 9, "ONNX 1.14"),
    target("onnx-20", 9, "ONNX 1.15"),
    target("onnx-21", 10, "ONNX 1.16"),
    target("onnx-22", 10, "ONNX 1.17"),
    target("onnx-23", 11, "ONNX 1.18"),
    target("onnx-24", 12, "ONNX 1.19"),
    target("onnx-25", 13, "ONNX 1.20"),
    target("onnx-26", 13, "ONNX 1.21"),
    target("onnx-27", 13, "ONNX 1.22"),
    target("onnx-28", 14, "ONNX 1.23"),
};

}  // namespace

FLOWPORT_PLUGIN({.id = "org.flowport.targets",
                 .version = "0.1.0",
                 .summary = "Targets: the opsets of ONNX, with what ONNX Runtime's CPU kernels cannot take",
                 .license = "Apache-2.0"},
                {}, kTargets)
