// Loops and conditionals, whichever way TensorFlow says them: by functions (While, For, If, Case) or by TF1's frames and
// switches. How they are said is data here; what becomes of them in ONNX is in loops.cpp and branches.cpp.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "convert/emission.h"
#include "convert/engine.h"
#include "convert/lists/list.h"

namespace flowport::convert::intrinsics {

struct BranchForm {
  Ref predicate;
  bool by_index = false;  ///< the predicate is the number of the branch; else a truth value, and branch 0 is for true
  std::size_t count = 0;  ///< branches
  std::int32_t results = 0;  ///< where the node's op does not tell
  /// Opens branch `i`, emitting to `target`, and gives its results; as many for each branch.
  std::function<Result<std::vector<Argument>>(std::size_t i, ir::Graph& target)> open;
};

/// Steps a conditional whose outputs are the branches' results. `form` must give the same each time.
Step run_branches(Frame& frame, const BranchForm& form);

struct LoopForm {
  std::vector<Argument> starts;
  std::vector<bool> handed_on;    ///< variables that the body gives back as they are
  std::vector<tf::Edge> outputs;  ///< where the variables are after the loop, in the scope's graph; node -1: nowhere
  std::size_t hidden = 0;         ///< so many variables in front are no outputs of the node
  std::vector<std::uint32_t> stacks;  ///< whose contents are the last variables
  /// Opens the condition (a truth value) or the body (the next values) on `variables`, emitting to `target`.
  std::function<Result<Argument>(std::vector<Argument> variables, ir::Graph& target)> condition;
  std::function<Result<std::vector<Argument>>(std::vector<Argument> variables, ir::Graph& target)> body;
};

/// Steps a loop whose outputs are its variables, but for those that are hidden. `form` is called once.
Step run_loop(Frame& frame, const std::function<Result<LoopForm>()>& form);

// ---- stacks.cpp

/// Makes the contents of the stacks that a loop works on its last variables; outputs of the node behind all others.
Result<void> carry_stacks(Frame& frame, LoopForm& form);
/// Takes the contents of `stacks` off the end of a loop's variables.
std::vector<Argument> take_contents(const std::vector<std::uint32_t>& stacks, std::vector<Argument>& variables);
/// Says that `stacks` have these contents as `scope` begins.
void set_contents(Scope& scope, const std::vector<std::uint32_t>& stacks, std::vector<Argument> contents);
/// Puts the contents of `stacks`, as they are when all of `scope` has run, behind `results`.
Result<void> add_contents(Engine& engine, const std::vector<std::uint32_t>& stacks, Scope& scope,
                          std::vector<Argument>& results);

// ---- loops.cpp and loop_lists.cpp

/// A variable of a loop that becomes an ONNX Loop, or one part of it where several carry it (Engine::parts_of).
struct LoopVariable {
  enum class Carry : std::uint8_t {
    kHandedOn,   ///< the same all the time: the body uses it from outside
    kTensor,     ///< a loop-carried tensor
    kCollected,  ///< a list to which each iteration writes one item: a scan output
    kFront,      ///< a list from which the body only takes items off the end: how many are left
    kDense,      ///< a list as a loop-carried tensor
    kSequence,   ///< a list as a loop-carried sequence
  };
  Carry carry = Carry::kHandedOn;
  std::size_t number = 0;   // of the loop's variable that this one carries, or one part of it
  Bound before;             // what it is before the loop
  ir::Type type;            // carried: inside the loop
  ir::ValueId value = 0;    // carried: inside the loop
  ir::ValueId start = 0;    // carried: before it
  ir::ValueId next = 0;     // carried: what the body gives; kCollected: the item
  ir::ValueId rows = 0;     // kFront: all items before the loop, a tensor
  bool keeps_count = true;  // carried lists: have as many items all the time
  Bound inside;
  Bound given;  // what the body gives back
  std::shared_ptr<Collection> collection;
  ir::Type item;  // a list's: as it was written when it was taken to be collected
};

/// An integer loop variable that grows by `step` each time round.
struct Counter {
  std::size_t variable = 0;
  std::int64_t step = 0;
};

struct LoopState : StepState {
  LoopForm form;
  std::vector<LoopVariable> variables;
  Argument first_condition;
  Argument condition;
  std::vector<Argument> results;
  std::shared_ptr<ir::Graph> graph;
  std::size_t symbols = 0;  ///< of the model when the body was opened: later ones may differ each time round
  bool is_started = false;
  bool is_open = false;

  /// Is variable `number` the content of a stack?
  bool is_stack(std::size_t number) const { return number + form.stacks.size() >= form.starts.size(); }
  /// Which stack.
  std::uint32_t stack(std::size_t number) const {
    return form.stacks[number + form.stacks.size() - form.starts.size()];
  }
};

/// What a loop is known to do beforehand; read from the TF nodes that made the values.
class LoopFacts {
 public:
  LoopFacts(Engine& engine, const LoopState& state);
  /// Integer scalars (emitted before the loop) whose smallest is the number of iterations, if not negative; empty where it is
  /// not known beforehand.
  std::vector<ir::ValueId> trip_limits(Emission& before, Bound condition) const;
  /// The place where each iteration writes: `start` (emitted before the loop) + `step` * iteration.
  struct Places {
    ir::ValueId start = 0;
    std::int64_t step = 0;
  };
  std::optional<Places> places(Emission& before, ir::ValueId index) const;
  /// Is it the same place in each iteration?
  bool is_one_place(ir::ValueId index) const { return is_outside(index); }

 private:
  std::optional<Counter> counter(ir::ValueId value, bool is_next) const;
  bool is_outside(ir::ValueId value) const;
  struct Maker {
    std::string_view op;
    std::vector<Bound> inputs;
  };
  std::optional<Maker> maker(ir::ValueId value) const;

  Engine& engine_;
  const LoopState& state_;
  std::vector<bool> inside_;  // by value: made in the body
};

/// The list that a variable is inside of the loop, in the form that its carry says. Nothing where an outer loop collects the list
/// and will run its body again.
std::optional<List> list_inside(Frame& frame, LoopState& state, LoopVariable& variable);
/// Variable `index`, a list that was taken to be collected was read: it is carried, as what was learnt of its items; where these are
/// carried in several parts, by as many variables. A problem without words: an outer loop, whose list it is, will run its body again.
Result<void> settle_read_list(Frame& frame, LoopState& state, std::size_t index);
/// The list that `value`, a tensor or sequence by the variable's carry, is.
List carried_list(const LoopVariable& variable, const List& start, ir::ValueId value);

/// List `number` is not only written: from now on it is carried.
void carry_read_list(LoopState& state, std::size_t number);

enum class Settled { kYes, kAgain, kNo };
/// Looks at what the body gives for a list. kAgain: its carry was changed, and the body is to be run again. kNo: the node has
/// failed, or an outer loop will run it again.
Settled settle_list(Frame& frame, LoopState& state, LoopVariable& variable, const LoopFacts& facts);
/// The list after the loop, of which `items` (a scan output) are what the iterations wrote.
List collected_list(Engine& engine, Emission& after, const LoopVariable& variable, const List& start, ir::ValueId items,
                    const LoopFacts& facts, const std::vector<ir::ValueId>& trip_limits);

}  // namespace flowport::convert::intrinsics
