"""What of TensorFlow's control flow, lists and recurrent layers there is, and the cases that compare it with TensorFlow: test and
parameter, where `*` stands for anything. test_loop_features.py holds it to what pytest collects."""

FLOW = "test_control_flow.py::test_control_flow"
OPS = "test_control_flow_ops.py::test_control_flow_ops"
LISTS = "test_list_ops.py::test_list_ops"
STACKS = "test_stacks.py::test_stacks"
NESTED = "test_nested_lists.py::test_nested_lists"
RAGGED = "test_ragged_loops.py::test_ragged_loops"
RNN = "test_rnn.py::"
TF1_RNN = "test_tf1_rnn.py::"
BY_HAND = "test_cells_by_hand.py::"
GRADIENTS = "test_gradients.py::test_gradients"


def cases(test, *names):
    return [f"{test}[{name}-*]" for name in names]


CONTROL_FLOW = {
    "If, StatelessIf": cases(OPS, "raw_if", "raw_stateless_if", "raw_if_of_a_number") + cases(FLOW, "cond", "cond_with_several_results"),
    "Case, StatelessCase": cases(OPS, "raw_case", "raw_stateless_case") + cases(FLOW, "switch_case", "case_by_predicates"),
    "While, StatelessWhile": cases(OPS, "raw_while", "raw_stateless_while") + cases(FLOW, "count_up", "until_large"),
    "For": cases(FLOW, "raw_for"),
    "PartitionedCall, StatefulPartitionedCall": cases(OPS, "calls"),
    "RemoteCall": cases(OPS, "remote_call"),
    "SymbolicGradient, refused by name": ["test_control_flow_ops.py::test_refused*[*symbolic_gradient*]"],
    "loop variables of any number and dtype": cases(FLOW, "several_dtypes", "swaps") + cases(OPS, "variables_of_every_kind"),
    "captured values of outer scopes": cases(FLOW, "cond_in_outer_scope_values", "hands_on_some"),
    "conditions with side computations": cases(OPS, "condition_with_side_computations", "condition_with_a_loop_in_it"),
    "zero iterations": cases(FLOW, "count_up", "nested_loops", "growing_shape"),
    "maximum iterations": cases(FLOW, "maximum_iterations") + cases(OPS, "maximum_iterations_of_the_run_time"),
    "growing shapes": cases(FLOW, "growing_shape") + cases(OPS, "growing_in_two_dims"),
    "break and continue": cases(OPS, "autograph_break_and_continue", "autograph_break_in_nested_loops") + cases(FLOW, "break_by_flag"),
    "nested to any depth": cases(FLOW, "cond_nested", "nested_loops", "cond_in_loop", "loop_in_cond") + cases(OPS, "mixed_three_deep"),
    "a branch function shared by two Ifs": cases(OPS, "ifs_with_one_branch_function", "whiles_with_one_body"),
    "lists through branches and loops": cases(LISTS, "lists_through_a_cond") + cases(FLOW, "array_written_in_a_cond"),
    "Enter, Exit, Switch, Merge, NextIteration, LoopCond": [f"{FLOW}[*-frames-*]"] + cases(OPS, "switch_and_merge"),
    "_SwitchN": cases(OPS, "switch_n"),
    "RefSwitch, RefMerge": ["test_control_flow_ops.py::test_references[ref_cond*]"],
    "RefEnter, RefExit, RefNextIteration": ["test_control_flow_ops.py::test_references[ref_loop]"],
    "RefIdentity": ["test_control_flow_ops.py::test_references[ref_identity]"],
    "dead branches on constant is_training": cases(OPS, "dead_branch_of_a_training_graph", "switches_on_constants"),
    "gradients of loops and conditionals": cases(GRADIENTS, "of_a_while", "of_a_while_over_rows", "of_map_fn", "of_scan", "of_a_cond",
                                                 "of_a_cond_in_a_while"),
    "gradients of TF1 loops": cases(STACKS, "gradient_of_a_loop", "gradient_of_layers", "gradient_of_nested_loops",
                                    "gradient_of_a_loop_with_a_cond", "gradient_of_a_loop_in_a_cond"),
    "iterators in loops, refused": ["test_control_flow_ops.py::test_refused[*iterator*]",
                                    "test_control_flow_ops.py::test_refused_in_functions[*iterator*]"],
}

LIST_OPS = {
    "EmptyTensorList": cases(LISTS, "empty_and_pushed"),
    "TensorListReserve, TensorListStack": cases(LISTS, "reserve_and_stack", "lists_of_every_kind"),
    "TensorListSetItem, TensorListGetItem": cases(LISTS, "reserve_set_at_a_place_of_the_run_time", "set_past_the_end"),
    "TensorListPushBack": cases(LISTS, "pushed_in_a_loop", "pushed_twice_in_a_loop", "pushed_with_unknown_item_shape"),
    "TensorListPushBackBatch": [f"{NESTED}[push_back_batch*]"],
    "lists of lists, of uniform and of ragged items": [f"{NESTED}[list*_of_*lists*]"] + cases(NESTED, "lists_changed_within_a_list"),
    "lists of ragged tensors": cases(RAGGED, "list_ops_on_ragged_items", "list_of_vectors_of_variants", "ragged_list_in_a_while_loop",
                                     "ragged_list_that_grows", "ragged_pushed_and_popped_in_a_loop", "ragged_through_functions"),
    "tensors of variants": [f"{RAGGED}[variants_*]"] + cases(RAGGED, "matrix_of_variants"),
    "variants through branches": cases(RAGGED, "ragged_through_a_cond", "ragged_written_in_a_cond") +
                                 cases(NESTED, "lists_of_lists_through_a_cond"),
    "rows scattered into lists of unknown rank": cases(NESTED, "rows_scattered_in_a_loop", "rows_scattered_and_joined"),
    "lists in lists that cannot be said, refused": ["test_nested_lists.py::test_refused[*]"],
    "TensorListPopBack": cases(LISTS, "popped", "popped_in_a_loop", "popped_items_of_different_shapes"),
    "TensorListFromTensor, TensorListGather": cases(LISTS, "from_tensor_and_gather"),
    "TensorListScatter, V2, IntoExistingList": cases(LISTS, "scatter_v1", "scatter_v2", "scatter_into_existing"),
    "TensorListSplit": cases(LISTS, "split_and_concat_v2"),
    "TensorListConcat, V2": cases(LISTS, "concat_v1", "concat_of_rows", "concat_of_items_not_set", "concat_with_a_dim_of_zero"),
    "TensorListConcatLists": cases(LISTS, "concat_lists", "ragged_lists_joined"),
    "TensorListResize, TensorListLength": cases(LISTS, "resized"),
    "TensorListElementShape": cases(LISTS, "element_shapes"),
    "items of unknown or ragged shape": cases(LISTS, "list_of_unknown_item_shape", "ragged_items_through_functions"),
    "TensorArrayWriteV3, TensorArrayReadV3, TensorArraySizeV3": cases(LISTS, "array_write_and_read", "array_closed"),
    "TensorArrayScatterV3, TensorArrayGatherV3": cases(LISTS, "array_scatter_and_gather"),
    "TensorArraySplitV3, TensorArrayConcatV3": cases(LISTS, "array_split_and_concat"),
    "scan outputs: in order, in reverse, at an offset": cases(
        FLOW, "array_written_in_order", "array_written_backwards", "array_written_counting_down", "array_written_at_an_offset"),
    "map_fn": cases(FLOW, "map_fn", "map_fn_of_two", "map_fn_nested", "loop_in_map_fn"),
    "scan, foldl, foldr": cases(FLOW, "scan", "scan_reverse", "folds"),
    "vectorized_map": cases(OPS, "vectorized_map", "vectorized_map_of_a_cond", "vectorized_map_of_a_loop", "vectorized_map_of_an_array") +
                      [f"{NESTED}[vectorized_map_*]"],
    "dynamic_size": cases(FLOW, "dynamic_array", "dynamic_array_until", "first_items_of_a_grown_array", "grown_array_at_computed_places",
                          "rows_chosen_in_a_loop") +
                    cases(OPS, "autograph_over_a_tensor"),
    "greedy decoding and beam search": cases(FLOW, "greedy_decoding", "beam_search") + [
        "test_decoding.py::test_greedy_decoding[*]", "test_decoding.py::test_beam_search[*]"],
    "map_fn over ragged tensors": cases(FLOW, "map_fn_over_ragged", "map_fn_ragged_to_ragged") +
                                  cases(OPS, "map_fn_over_ragged_rows_of_vectors"),
    "StackV2, StackPushV2, StackPopV2": cases(STACKS, "in_a_row", "pushes_that_nothing_else_uses", "several_stacks", "element_types",
                                              "complex_items"),
    "StackCloseV2": cases(STACKS, "closed_at_the_end"),
    "Stack, StackPush, StackPop, StackClose": cases(STACKS, "by_reference"),
    "stacks through functions": cases(STACKS, "through_functions", "made_in_a_function"),
    "stacks through loops": cases(STACKS, "pushed_and_popped_in_loops", "more_pushed_than_popped", "pushed_and_popped_in_one_loop",
                                  "a_stack_in_each_iteration", "in_nested_loops", "rows_that_grow"),
    "stacks through branches": cases(STACKS, "in_a_branch", "in_both_branches", "in_nested_branches", "in_branches_of_a_loop", "in_one_of_many"),
    "stacks whose order nothing tells, refused": ["test_stacks.py::test_refused[*unordered*]"],
    "map_fn over and to several ragged dims": [f"{RAGGED}[map_fn_*]"],
}

RECURRENT = {
    "Keras 3 LSTM, GRU, SimpleRNN": [RNN + f"test_layer[{kind}-*]" for kind in ("LSTM", "GRU", "SimpleRNN")],
    "Keras 2": [RNN + "test_keras_2[*]"],
    "unknown batch and time": [RNN + "test_dims[*]", RNN + "test_mask_dims[*]"],
    "reset_after both ways": [RNN + "test_gru_reset_before"],
    "Bidirectional": [RNN + "test_bidirectional[*]", RNN + "test_bidirectional_mask[*]"],
    "stacked cells": [RNN + "test_stacked[*]", RNN + "test_stacked_cells[*]"],
    "masks": [RNN + "test_mask[*]", RNN + "test_mask_as_input[*]", RNN + "test_mask_initial_state[*]"],
    "go_backwards, return_sequences, return_state": [RNN + f"test_layer[*{o}*]" for o in ("go_backwards", "return_sequences", "return_state")],
    "stateful, refused by name": [RNN + "test_stateful[*]"],
    "initial states": [RNN + "test_initial_state[*]", RNN + "test_states_in_variables[*]"],
    "unroll": [RNN + "test_unrolled[*]"],
    "custom activations": [RNN + "test_layer[*activation*]", RNN + "test_activations[*]", RNN + "test_activations_of_simple_rnn[*]"],
    "dropout": [RNN + "test_dropout[*]"],
    "time-major": ["test_cudnn_rnn.py::test_cudnn_rnn[*True]", TF1_RNN + "test_time_major[*]"],
    "CudnnRNN, V2, V3": [f"test_cudnn_rnn.py::test_cudnn_rnn[{op}-*]" for op in ("CudnnRNN", "CudnnRNNV2", "CudnnRNNV3")],
    "BlockLSTM, V2": [RNN + "test_block_lstm[BlockLSTM-*]", "test_ops.py::*BlockLSTMV2*"],
    "LSTMBlockCell, GRUBlockCell": ["test_ops.py::*LSTMBlockCell*", "test_ops.py::*GRUBlockCell*"],
    "dynamic_rnn": [TF1_RNN + "test_dynamic_rnn[*]"],
    "static_rnn": [TF1_RNN + "test_static_rnn[*]"],
    "bidirectional_dynamic_rnn": [TF1_RNN + "test_bidirectional_dynamic_rnn[*]"],
    "MultiRNNCell": [TF1_RNN + "test_dynamic_rnn[*-Multi]"],
    "sequence_length": [TF1_RNN + "test_sequence_length[*]", TF1_RNN + "test_initial_state_of_lanes"],
    "peepholes, projection, cell clip": [TF1_RNN + f"test_dynamic_rnn[*-{c}]" for c in ("Peepholes", "Projection", "Clip")],
    "attention wrappers": ["test_decoding.py::test_attention_wrapper[*]"],
    "ConvLSTM": [RNN + "test_conv_lstm[*]"],
    "custom cells": [RNN + "test_custom_cell"],
    "cells in loops by hand": [BY_HAND + "test_loop_by_hand[*]", BY_HAND + "test_columns_of_another_loop"],
}

FEATURES = CONTROL_FLOW | LIST_OPS | RECURRENT
