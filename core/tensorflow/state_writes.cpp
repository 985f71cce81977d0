#include "tensorflow/state_writes.h"

#include <algorithm>
#include <array>

#include "tensorflow/op_table.h"

namespace flowport::tf {
namespace {

constexpr std::uint32_t kNodeOp = 2, kNodeAttr = 5, kEntryValue = 2;
constexpr std::uint32_t kAttrList = 1, kAttrFunction = 10, kListFunction = 9, kFunctionName = 1;

// TensorFlow's ops that start so write a variable or a table, but for those in kReaders.
constexpr std::array<std::string_view, 21> kWriters = {
    "Apply",
    "Assign",
    "CountUpTo",
    "InitializeTable",
    "LookupTableImport",
    "LookupTableInsert",
    "LookupTableRemove",
    "ResourceAccumulatorApply",
    "ResourceApply",
    "ResourceCountUpTo",
    "ResourceScatter",
    "ResourceSparseApply",
    "ResourceStridedSliceAssign",
    "Rng",
    "Scatter",
    "SparseApply",
    "StatefulRandom",
    "StatefulStandardNormal",
    "StatefulTruncatedNormal",
    "StatefulUniform",
    "StridedSliceAssign",
};
constexpr std::array<std::string_view, 8> kStackOps = {
    "Stack", "StackClose", "StackCloseV2", "StackPop", "StackPopV2", "StackPush", "StackPushV2", "StackV2",
};
constexpr std::array<std::string_view, 2> kReaders = {"ScatterNd", "ScatterNdNonAliasingAdd"};

template <typename Use>
void each(ByteSpan message, std::uint32_t number, const Use& use) {
  WireReader reader(message);
  while (reader.next()) {
    if (reader.field().number == number && reader.field().type == WireType::kBytes) use(reader.field().bytes);
  }
}

}  // namespace

bool writes_state(std::string_view op) {
  return std::ranges::any_of(kWriters, [op](std::string_view prefix) { return op.starts_with(prefix); }) &&
         std::ranges::find(kReaders, op) == kReaders.end() && OpTable::has_built_in(op);
}

bool is_stack_op(std::string_view op) { return std::ranges::find(kStackOps, op) != kStackOps.end(); }

NodeOutline outline_of(ByteSpan node) {
  NodeOutline outline;
  const auto add_function = [&](ByteSpan function) {
    each(function, kFunctionName, [&](ByteSpan name) { outline.functions.push_back(as_text(name)); });
  };
  each(node, kNodeOp, [&](ByteSpan op) { outline.op = as_text(op); });
  each(node, kNodeAttr, [&](ByteSpan entry) {
    each(entry, kEntryValue, [&](ByteSpan value) {
      each(value, kAttrFunction, add_function);
      each(value, kAttrList, [&](ByteSpan list) { each(list, kListFunction, add_function); });
    });
  });
  return outline;
}

}  // namespace flowport::tf
