// The few ops that the symbolic run itself must understand. Every other op is a handler or a mapping.
#pragma once

#include "convert/engine.h"

namespace flowport::convert::intrinsics {

// values.cpp
Step constant(Frame& frame);                  // Const, HostConst
Step placeholder(Frame& frame);               // Placeholder, PlaceholderV2, _Arg of the main graph
Step placeholder_with_default(Frame& frame);  // PlaceholderWithDefault
Step identity(Frame& frame);                  // Identity, IdentityN, _Retval, RefIdentity

// variables.cpp
Step variable(Frame& frame);                 // VarHandleOp, VariableV2, Variable
Step read_variable(Frame& frame);            // ReadVariableOp
Step variable_is_initialized(Frame& frame);  // VarIsInitializedOp, IsVariableInitialized
Step variable_shape(Frame& frame);           // VariableShape
Problem refusal_of_write();
Step write_variable(Frame& frame);  // Assign*, Resource*Update, Scatter*Update ...: refused by name

// tables.cpp
Step table(Frame& frame);       // HashTableV2, MutableHashTableV2 and kin
Step table_find(Frame& frame);  // LookupTableFind, LookupTableFindV2
Step table_size(Frame& frame);  // LookupTableSize, LookupTableSizeV2

// branches.cpp
Step branch(Frame& frame);  // If, StatelessIf, Case, StatelessCase

// functional_loops.cpp
Step while_loop(Frame& frame);  // While, StatelessWhile
Step for_loop(Frame& frame);    // For

// optionals.cpp
Step optional_from_value(Frame& frame);  // OptionalFromValue
Step optional_none(Frame& frame);        // OptionalNone
Step optional_has_value(Frame& frame);   // OptionalHasValue
Step optional_get_value(Frame& frame);   // OptionalGetValue

// refused.cpp
Problem refusal_of(std::string_view op);
Step iterator(Frame& frame);  // Iterator, IteratorV2, OneShotIterator: nothing but a handle, for ops that are refused
Step refused(Frame& frame);   // SymbolicGradient, TensorArrayGrad*, iterators ...

// stacks.cpp
Step stack(Frame& frame);      // Stack, StackV2
Step stack_use(Frame& frame);  // StackPush, StackPop, StackClose and their V2

// tf1.cpp
Step tf1_switch(Frame& frame);  // Switch, RefSwitch, _SwitchN
Step tf1_merge(Frame& frame);   // Merge, RefMerge
Step tf1_loop(Frame& frame);    // LoopCond
Step tf1_stray(Frame& frame);   // Enter, Exit, NextIteration that are no part of a whole loop

// tensor_lists.cpp, tensor_arrays.cpp
Step tensor_list(Frame& frame);   // TensorList*, EmptyTensorList
Step tensor_array(Frame& frame);  // TensorArray*V3

// ragged.cpp
Step ragged_to_variant(Frame& frame);    // RaggedTensorToVariant
Step ragged_from_variant(Frame& frame);  // RaggedTensorFromVariant

/// A scalar bool for a TF predicate `value`: numbers are true when not 0, strings when not empty, other tensors when they have
/// elements (tf.If, tf.While).
Result<ir::ValueId> as_predicate(Emitter& emitter, ir::Graph& graph, ir::ValueId value);
/// The predicate where it is known.
std::optional<bool> known_predicate(const ir::Model& model, ir::ValueId value);
/// An int32 scalar constant.
ir::ValueId int32_constant(ir::Model& model, std::size_t number);
/// The type that holds values of both types.
ir::Type join_types(const ir::Type& a, const ir::Type& b);

}  // namespace flowport::convert::intrinsics
