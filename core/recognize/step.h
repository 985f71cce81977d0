// An ONNX Loop seen as a scan: how many iterations, which states, which rows of which tensors; and its step as linear forms.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "recognize/index.h"

namespace flowport::recognize {

/// Columns [begin, end) of the last axis of a value; all of them where end is negative.
struct Part {
  ir::ValueId value = 0;
  std::int64_t begin = 0, end = -1;
  bool is_whole() const { return end < 0; }
  friend bool operator==(const Part&, const Part&) = default;
};

/// sign * atom, or sign * (atom MatMul rows [row_begin, row_end) of weight).
struct Addend {
  int sign = 1;
  Part atom;
  Part weight;  ///< value 0: none
  std::int64_t row_begin = 0, row_end = -1;
};

struct Constant {
  int sign = 1;
  Part part;
};

/// The sum of addends and of what is the same in all iterations.
struct LinearForm {
  std::vector<Addend> addends;
  std::vector<Constant> constants;
};

/// A tensor of which each iteration takes the row of its number, along axis 0.
struct Rows {
  ir::ValueId tensor = 0;
};

/// Which steps count for a lane: all, or one of the two.
struct Steps {
  ir::ValueId lengths = 0;  ///< int [batch]: those before a lane's length
  ir::ValueId mask = 0;     ///< bool [time, batch] or [time, batch, 1]: those for which it is true
  bool are_all() const { return lengths == 0 && mask == 0; }
  friend bool operator==(const Steps&, const Steps&) = default;
};

class LoopStep {
 public:
  /// Nothing where `loop` is not a Loop whose number of iterations is known beforehand.
  static std::optional<LoopStep> of(const Index& index, const ir::Node& loop);

  const Index& index() const { return *index_; }
  const ir::Node& loop() const { return *loop_; }
  const ir::Graph& body() const { return *body_; }
  ir::ValueId trip_count() const { return loop_->inputs[0]; }

  std::size_t state_count() const { return loop_->inputs.size() - 2; }
  ir::ValueId state(std::size_t i) const { return body_->inputs[2 + i]; }
  ir::ValueId start(std::size_t i) const { return loop_->inputs[2 + i]; }
  ir::ValueId next(std::size_t i) const { return body_->outputs[1 + i]; }
  std::optional<std::size_t> state_of(ir::ValueId value) const;
  std::size_t scan_count() const { return body_->outputs.size() - 1 - state_count(); }
  ir::ValueId scanned(std::size_t i) const { return body_->outputs[1 + state_count() + i]; }

  /// Known outside of the loop.
  bool is_invariant(ir::ValueId value) const;
  /// The number of the iteration.
  bool is_counter(ir::ValueId value) const;
  std::optional<Rows> rows(ir::ValueId value) const;
  /// Has `tensor` as many rows as there are iterations? False where it is not known.
  bool has_row_each(ir::ValueId tensor) const;
  /// Are there as many iterations as the longest of `lengths` (0: endless) or, where that is more, as `tensor` has rows?
  bool reaches(ir::ValueId lengths, ir::ValueId tensor) const;
  /// A value that is `given` for lanes of which the step counts, and `held` for the others.
  struct Held {
    Steps steps;
    ir::ValueId held = 0, given = 0;
  };
  std::optional<Held> held(ir::ValueId value) const;

  /// The same elements, as near to their making as Split, Slice and Identity let see.
  Part canonical(Part part) const;
  LinearForm linear(const Part& part) const;
  /// Operand `i` of a node that works element by element, as far as it makes `part` of the result.
  std::optional<Part> operand(const ir::Node& node, std::size_t i, const Part& part) const;
  /// Number of columns; -1 where it is not known.
  std::int64_t width(const Part& part) const;

 private:
  ir::ValueId lengths(ir::ValueId ended) const;
  ir::ValueId mask(ir::ValueId counts) const;
  bool is_as_long(ir::ValueId count, ir::ValueId lengths, ir::ValueId tensor, int depth) const;
  void add_linear(const Part& part, int sign, int depth, LinearForm& form) const;
  bool add_product(const Part& left, const Part& weight, int sign, LinearForm& form) const;

  const Index* index_ = nullptr;
  const ir::Node* loop_ = nullptr;
  const ir::Graph* body_ = nullptr;
  std::vector<ir::ValueId> counters_;
};

}  // namespace flowport::recognize
