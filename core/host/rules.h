// The numbered rules a plugin file has to keep. Messages name the number; docs and fixtures refer to it.
#pragma once

#include <array>
#include <string_view>

namespace flowport::host {

enum class Rule {
  kExists,
  kRegularFile,
  kOwner,
  kPermissions,
  kElf,
  kMachine,
  kSharedObject,
  kSegments,
  kLoads,
  kUnchanged,
  kEntry,
  kDescriptor,
  kMajor,
  kMinor,
  kStructSize,
  kFlags,
  kTable,
  kText,
  kHandler,
  kRange,
  kOverlap,
  kTarget,
  kSchema,
  kRewrites,
  kUniqueId,
  kUniqueName,
  kInit,
  kManifest,
  kLocked,
  kOneExport,
  kNoHostLibraries,
  kHasManifest,
  kNoCrash,
  kTimely,
  kKeepsPromises,
  kTfOp,
  kEmitsOnnx,
  kNumRules,
};

/// What becomes of a plugin that breaks a rule.
enum class Breach {
  kRefused,  ///< the host does not take it
  kFault,    ///< `flowport plugin check` fails
  kRemark,   ///< `flowport plugin check` says so
};

struct RuleText {
  Rule rule;
  std::string_view number;
  std::string_view text;
  Breach breach = Breach::kRefused;
};

/// By number. Numbers are for ever.
inline constexpr std::array<RuleText, static_cast<std::size_t>(Rule::kNumRules)> kRules{{
    {Rule::kExists, "P-001", "the file exists, and a link leads to one"},
    {Rule::kRegularFile, "P-002", "it is a regular file that can be read"},
    {Rule::kOwner, "P-003",
     "the file and its folder belong to root or to the user (not checked within the installation)"},
    {Rule::kPermissions, "P-004",
     "neither file nor folder can be written by everybody (not checked within the installation)"},
    {Rule::kElf, "P-005", "it is a whole 64-bit little-endian ELF file"},
    {Rule::kMachine, "P-006", "it is built for this machine"},
    {Rule::kSharedObject, "P-007", "it is a shared object"},
    {Rule::kSegments, "P-008", "every segment to be loaded lies inside the file"},
    {Rule::kLoads, "P-009", "the dynamic linker can load it, with every symbol resolved"},
    {Rule::kUnchanged, "P-010", "it does not change between inspection and loading"},
    {Rule::kEntry, "P-011", "it exports flowport_plugin_query_v1"},
    {Rule::kDescriptor, "P-012", "the query returns a descriptor"},
    {Rule::kMajor, "P-013", "its ABI major is the host's"},
    {Rule::kMinor, "P-014", "its min_host_minor is at most the host's ABI minor"},
    {Rule::kStructSize, "P-015", "struct_size is at least the size in ABI 1.0"},
    {Rule::kFlags, "P-016", "flags and reserved members that the host does not know are 0"},
    {Rule::kTable, "P-017", "a table with rows has data, and a stride of at least the row's size in ABI 1.0, aligned"},
    {Rule::kText, "P-018", "required texts are there, not empty, printable and of reasonable length"},
    {Rule::kHandler, "P-019", "every handler has a convert function"},
    {Rule::kRange, "P-020", "opset_min is at least 1, and opset_max is 0 or at least opset_min"},
    {Rule::kOverlap, "P-021", "rows of one op do not overlap unless their priorities differ"},
    {Rule::kTarget, "P-022", "versions of targets are above 0, and ranges of denials do not end before they begin"},
    {Rule::kSchema, "P-023", "schemas have a domain of their own, min <= max, and known attribute kinds"},
    {Rule::kRewrites, "P-024", "the table of rewrites is empty before the ABI minor that defines it"},
    {Rule::kUniqueId, "P-025", "no other plugin named by the user has its id"},
    {Rule::kUniqueName, "P-026", "no other active plugin defines its targets or schemas"},
    {Rule::kInit, "P-027", "init returns OK and throws nothing"},
    {Rule::kManifest, "P-028", "its manifest, where it has one, is readable and says what its tables say"},
    {Rule::kLocked, "P-029", "under --locked: the lock file has its id with the sha256 of this very file"},
    {Rule::kOneExport, "P-030", "it exports nothing but its entry: hidden visibility, and the SDK's version script",
     Breach::kRemark},
    {Rule::kNoHostLibraries, "P-031",
     "it links to no shared library of protobuf or onnx, which the host may have in another version", Breach::kRemark},
    {Rule::kHasManifest, "P-032", "it has a manifest, so that its code is loaded only when a model needs it",
     Breach::kRemark},
    {Rule::kNoCrash, "P-033", "loading it, asking it and calling its handlers with odd nodes ends no process",
     Breach::kFault},
    {Rule::kTimely, "P-034", "loading it, and each call of a handler, is over within the time limit of the check",
     Breach::kFault},
    {Rule::kKeepsPromises, "P-035",
     "a handler gives a known status, a reason when it fails, and binds an output when it does not; it lets no "
     "exception out",
     Breach::kFault},
    {Rule::kTfOp, "P-036",
     "ops that it declares are none of TensorFlow's, are declared as REGISTER_OP would take them, and by nobody else "
     "in another way"},
    {Rule::kEmitsOnnx, "P-037", "the ops of ONNX that a handler emits are there in its opsets, with those attributes",
     Breach::kFault},
}};

constexpr const RuleText& rule_text(Rule rule) { return kRules[static_cast<std::size_t>(rule)]; }
constexpr std::string_view number_of(Rule rule) { return rule_text(rule).number; }

static_assert([] {
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    if (kRules[i].rule != static_cast<Rule>(i)) return false;
  }
  return true;
}());

}  // namespace flowport::host
