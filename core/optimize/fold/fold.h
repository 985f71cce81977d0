// Folds known factors, biases, inference batch normalisation and zero padding into the convolution or matrix product before or
// behind them. Weights are scaled as views.
#pragma once

#include <cstddef>
#include <vector>

#include "optimize/editor.h"

namespace flowport::optimize {

/// Gives the number of nodes that were folded into another one.
std::size_t fold_constants(Editor& editor);

namespace fold {

/// y = x * factor + bias for each index of a channel axis. A vector of one element holds for all channels, an empty one says
/// nothing (factor 1, bias 0).
struct Affine {
  std::vector<double> factors, biases;
};

/// What `node` does to its operand `x`, when it is Add, Sub, Mul, Div or BatchNormalization with known parameters that vary along
/// axis `channel` of the output only, and finite. The output has the shape of `x`.
std::optional<Affine> affine_of(const Editor& editor, const ir::Node& node, ir::ValueId x, std::size_t channel);

/// Folds the nodes behind a Conv, ConvTranspose, Gemm or MatMul into it, one after the other; returns how many.
std::size_t fold_following(Editor& editor, NodeId node);

/// A Transpose before the flattening before a matrix product permutes the rows of the matrix instead, as a view. Returns how many
/// nodes were folded.
std::size_t fold_flattening(Editor& editor, NodeId node);

/// Folds factors before a Conv into its weight: zero padding stays zero padding. Returns how many nodes were folded.
std::size_t fold_preceding(Editor& editor, NodeId node);

/// Folds a Pad with zeros before a Conv, or before a MaxPool of numbers of at least 0, into its pads; returns how many nodes were
/// folded.
std::size_t fold_padding(Editor& editor, NodeId node);

}  // namespace fold

}  // namespace flowport::optimize
