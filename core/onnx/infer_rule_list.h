// The rules, by subject. One function serves several ops where they differ only in a detail of the node.
#pragma once

#include "onnx/infer_element.h"
#include "onnx/infer_rules.h"

namespace flowport::ir::rules {

using MaybeContent = std::optional<Content>;
using Wrong = std::optional<std::string>;

// infer_moves.cpp: elements that go from one place to another.
MaybeContent same_elements(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent shape(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent gather(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent gather_nd(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent slice(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent concat(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent split(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent constant_of_shape(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent expand(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent tile(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent scatter_elements(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent scatter_nd(const NodeFacts& facts, std::size_t output, const Type& type);

// infer_arithmetic.cpp: elements that are computed.
MaybeContent binary(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent unary(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent fold(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent where(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent clip(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent size(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent reduce(const NodeFacts& facts, std::size_t output, const Type& type);
MaybeContent range(const NodeFacts& facts, std::size_t output, const Type& type);

// infer_shapes.cpp: shapes that follow from partly known content.
Wrong reshape_dims(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong gather_nd_dims(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong tile_dims(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong slice_dims(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong range_dims(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong one_hot_dims(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong pad_dims(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong split_dims(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong top_k_dims(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong resize_dims(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong window_dims(const NodeFacts& facts, std::vector<Type>& outputs);

// infer_repairs.cpp: where the library's inference is missing, slow or wrong.
Wrong same_dims(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong comparison(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong attention(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong stft(const NodeFacts& facts, std::vector<Type>& outputs);

// infer_bodies.cpp: nodes with bodies.
Wrong if_types(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong loop_types(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong scan_types(const NodeFacts& facts, std::vector<Type>& outputs);
Wrong sequence_map_types(const NodeFacts& facts, std::vector<Type>& outputs);

}  // namespace flowport::ir::rules
