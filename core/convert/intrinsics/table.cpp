#include <algorithm>
#include <array>
#include <utility>

#include "convert/core_ops.h"
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
    {"EmptyTensorList", tensor_list},
    {"Enter", tf1_stray},
    {"Exit", tf1_stray},
    {"For", for_loop},
    {"HashTable", table},
    {"HashTableV2", table},
    {"HostConst", constant},
    {"Identity", identity},
    {"IdentityN", identity},
    {"If", branch},
    {"IsVariableInitialized", variable_is_initialized},
    {"Iterator", iterator},
    {"IteratorGetNext", refused},
    {"IteratorGetNextAsOptional", refused},
    {"IteratorGetNextSync", refused},
    {"IteratorV2", iterator},
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
    {"NextIteration", tf1_stray},
    {"OneShotIterator", iterator},
    {"OptionalFromValue", optional_from_value},
    {"OptionalGetValue", optional_get_value},
    {"OptionalHasValue", optional_has_value},
    {"OptionalNone", optional_none},
    {"Placeholder", placeholder},
    {"PlaceholderV2", placeholder},
    {"PlaceholderWithDefault", placeholder_with_default},
    {"RaggedTensorFromVariant", ragged_from_variant},
    {"RaggedTensorToVariant", ragged_to_variant},
    {"ReadVariableOp", read_variable},
    {"RefEnter", tf1_stray},
    {"RefExit", tf1_stray},
    {"RefIdentity", identity},
    {"RefMerge", tf1_merge},
    {"RefNextIteration", tf1_stray},
    {"RefSwitch", tf1_switch},
    {"Stack", stack},
    {"StackClose", stack_use},
    {"StackCloseV2", stack_use},
    {"StackPop", stack_use},
    {"StackPopV2", stack_use},
    {"StackPush", stack_use},
    {"StackPushV2", stack_use},
    {"StackV2", stack},
    {"StatelessCase", branch},
    {"StatelessIf", branch},
    {"StatelessWhile", while_loop},
    {"Switch", tf1_switch},
    {"SymbolicGradient", refused},
    {"TensorArrayConcatV3", tensor_array},
    {"TensorArrayGatherV3", tensor_array},
    {"TensorArrayGradV3", refused},
    {"TensorArrayGradWithShape", refused},
    {"TensorArrayReadV3", tensor_array},
    {"TensorArrayScatterV3", tensor_array},
    {"TensorArraySizeV3", tensor_array},
    {"TensorArraySplitV3", tensor_array},
    {"TensorArrayV3", tensor_array},
    {"TensorArrayWriteV3", tensor_array},
    {"TensorListConcat", tensor_list},
    {"TensorListConcatLists", tensor_list},
    {"TensorListConcatV2", tensor_list},
    {"TensorListElementShape", tensor_list},
    {"TensorListFromTensor", tensor_list},
    {"TensorListGather", tensor_list},
    {"TensorListGetItem", tensor_list},
    {"TensorListLength", tensor_list},
    {"TensorListPopBack", tensor_list},
    {"TensorListPushBack", tensor_list},
    {"TensorListPushBackBatch", tensor_list},
    {"TensorListReserve", tensor_list},
    {"TensorListResize", tensor_list},
    {"TensorListScatter", tensor_list},
    {"TensorListScatterIntoExistingList", tensor_list},
    {"TensorListScatterV2", tensor_list},
    {"TensorListSetItem", tensor_list},
    {"TensorListSplit", tensor_list},
    {"TensorListStack", tensor_list},
    {"VarHandleOp", variable},
    {"VarIsInitializedOp", variable_is_initialized},
    {"Variable", variable},
    {"VariableShape", variable_shape},
    {"VariableV2", variable},
    {"While", while_loop},
    {"_Arg", placeholder},
    {"_Retval", identity},
    {"_SwitchN", tf1_switch},
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

bool is_plain_call(std::string_view op) {
  return op == "PartitionedCall" || op == "StatefulPartitionedCall" || op == "RemoteCall";
}

CoreOp core_op(std::string_view tf_op) {
  if (is_plain_call(tf_op)) return CoreOp::kRun;
  const Intrinsic intrinsic = find_intrinsic(tf_op);
  if (intrinsic == nullptr) return CoreOp::kNone;
  const bool is_refused = intrinsic == refused || intrinsic == iterator || intrinsic == write_variable;
  return is_refused ? CoreOp::kRefused : CoreOp::kRun;
}

std::vector<std::string_view> core_ops() {
  std::vector<std::string_view> ops{"PartitionedCall", "RemoteCall", "StatefulPartitionedCall"};
  for (const auto& [op, intrinsic] : kTable) {
    if (intrinsic != refused && intrinsic != iterator) ops.push_back(op);
  }
  std::sort(ops.begin(), ops.end());
  return ops;
}

std::optional<Problem> core_refusal(std::string_view tf_op) {
  const Intrinsic intrinsic = find_intrinsic(tf_op);
  if (intrinsic == refused || intrinsic == iterator) return refusal_of(tf_op);
  if (intrinsic == write_variable) return refusal_of_write();
  return std::nullopt;
}

}  // namespace flowport::convert
