#include <algorithm>
#include <array>
#include <utility>

#include "convert/intrinsics/intrinsics.h"
#include "tensorflow/state_writes.h"

namespace flowport::convert {

namespace {

using namespace intrinsics;

constexpr std::array kTable = std::to_array<std::pair<std::string_view, Intrinsic>>({
    {"AnonymousHashTable", table},
    {"AnonymousMutableHashTable", table},
    {"AnonymousMutableHashTableOfTensors", table},
    {"Case", branch},
    {"Const", constant},
    {"Enter", tf1_loop},
    {"Exit", tf1_loop},
    {"HashTable", table},
    {"HashTableV2", table},
    {"HostConst", constant},
    {"Identity", identity},
    {"IdentityN", identity},
    {"If", branch},
    {"IsVariableInitialized", variable_is_initialized},
    {"LookupTableFind", table_find},
    {"LookupTableFindV2", table_find},
    {"LookupTableSize", table_size},
    {"LookupTableSizeV2", table_size},
    {"LoopCond", tf1_loop},
    {"Merge", tf1_merge},
    {"MutableHashTable", table},
    {"MutableHashTableOfTensors", table},
    {"MutableHashTableOfTensorsV2", table},
    {"MutableHashTableV2", table},
    {"NextIteration", tf1_loop},
    {"Placeholder", placeholder},
    {"PlaceholderV2", placeholder},
    {"PlaceholderWithDefault", placeholder_with_default},
    {"ReadVariableOp", read_variable},
    {"RefIdentity", identity},
    {"RefMerge", tf1_merge},
    {"RefSwitch", tf1_switch},
    {"StatelessCase", branch},
    {"StatelessIf", branch},
    {"StatelessWhile", while_loop},
    {"Switch", tf1_switch},
    {"VarHandleOp", variable},
    {"VarIsInitializedOp", variable_is_initialized},
    {"Variable", variable},
    {"VariableShape", variable_shape},
    {"VariableV2", variable},
    {"While", while_loop},
    {"_Arg", placeholder},
    {"_Retval", identity},
});

constexpr bool by_name(const std::pair<std::string_view, Intrinsic>& a,
                       const std::pair<std::string_view, Intrinsic>& b) {
  return a.first < b.first;
}
static_assert(std::is_sorted(kTable.begin(), kTable.end(), by_name));

}  // namespace

Intrinsic find_intrinsic(std::string_view op) {
  const auto it =
      std::lower_bound(kTable.begin(), kTable.end(), std::pair<std::string_view, Intrinsic>{op, nullptr}, by_name);
  if (it != kTable.end() && it->first == op) return it->second;
  return tf::writes_state(op) ? write_variable : nullptr;
}

}  // namespace flowport::convert
