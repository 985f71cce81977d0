// Looking at formulas from their last node upwards.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "optimize/editor.h"

namespace flowport::optimize::fuse {

/// The node of the default domain and of this op that makes `value`, or null.
const ir::Node* made_by(const Editor& editor, ir::ValueId value, std::string_view op);

/// A commutative node's operands both ways round.
std::array<std::pair<ir::ValueId, ir::ValueId>, 2> both_ways(const ir::Node& node);

/// The only element of a known tensor whose rank does not exceed `operand`'s: one that changes no shape.
std::optional<double> number_beside(const Editor& editor, ir::ValueId value, ir::ValueId operand);

/// An operand and a known number.
struct Scaled {
  ir::ValueId operand = 0;
  double number = 0;
};

/// `value` as operand * number: Mul with or Div by a known scalar, or Neg.
std::optional<Scaled> as_scaled(const Editor& editor, ir::ValueId value);

/// `value` as operand + number: Add or Sub of a known scalar.
std::optional<Scaled> as_shifted(const Editor& editor, ir::ValueId value);

/// Equal but for what is lost in single precision.
bool is_near(double a, double b);

/// value = number * product of the operands, of which there are one or two.
struct Product {
  double number = 1;
  std::vector<ir::ValueId> operands;
};

/// Opens one Mul of two operands, and scalings above and below it.
Product product_of(const Editor& editor, ir::ValueId value);

/// Does the target take `op` in the place of node `id`, whose element type it has?
bool takes(const Editor& editor, NodeId id, std::string_view op);

/// Makes node `id` an `op` of `inputs`, without attributes.
void become(Editor& editor, NodeId id, std::string_view op, std::vector<ir::ValueId> inputs);

}  // namespace flowport::optimize::fuse
