// Who converts which TF op at which opset, and why: one table of rows from plugins and from YAML. Load order never matters;
// two candidates that nothing tells apart are an error that names both.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <flowport/abi.h>

#include "base/problem.h"
#include "onnx/dtype.h"
#include "registry/mapping.h"

namespace flowport::registry {

/// Earlier layers win over later ones.
enum class Layer { kUserMapping, kUserPlugin, kBuiltin, kContrib };

std::string_view name_of(Layer layer);

/// A plugin, or a YAML file.
struct Owner {
  std::string id;       ///< plugin id, or the path of the YAML file
  std::string version;  ///< empty for YAML
  std::string path;
  Layer layer = Layer::kBuiltin;
  std::map<std::string, std::string> options;  ///< `config:` of a plugin
};

struct Row;
struct Rewrite;

/// The function of a plugin's row, with the state that it gets.
struct HandlerFunction {
  flowport_status (*convert)(const flowport_host*, flowport_node*, void* state) = nullptr;
  void* state = nullptr;
};

/// The code of a plugin whose tables are known from its manifest. It is loaded, once, when something of it is first needed; an
/// error is the same each time (Fault::kPlugin).
class PluginCode {
 public:
  virtual ~PluginCode() = default;
  virtual bool is_loaded() const = 0;
  virtual Result<HandlerFunction> handler(const Row& row) = 0;
  virtual Result<std::vector<const Rewrite*>> rewrites() = 0;
};

/// A way to convert `tf_op` for targets whose `domain` has an opset within [opset_min, opset_max].
struct Row {
  std::string tf_op;
  std::string id;      ///< unique within the owner together with tf_op and range
  std::string domain;  ///< "" is ai.onnx
  int opset_min = 1;
  int opset_max = 0;  ///< 0: no upper limit
  int priority = 0;
  std::uint64_t const_inputs = 0;  ///< bit i: flat input i must be known
  Complex complex = Complex::kNone;
  const Owner* owner = nullptr;
  std::string doc;
  std::string source;  ///< file:line of the handler or of the YAML entry
  // One of the three:
  HandlerFunction handler;           ///< of a plugin that is loaded
  std::shared_ptr<PluginCode> code;  ///< of a plugin that is not yet
  std::shared_ptr<const LazyMapping> mapping;
  std::vector<Guard> when;  ///< of a mapping; all must hold, else it declines
  bool optional = false;    ///< of a mapping: `tf_op` may be an op that nothing else knows

  Layer layer() const { return owner->layer; }
  /// Of a row without mapping. Loads the plugin's code where need be.
  Result<HandlerFunction> function() const { return code ? code->handler(*this) : handler; }
};

/// An item of `nodes:`: what holds for some nodes of a model only. Later rules come before earlier ones.
struct NodeRule {
  // A node is meant when all that is given fits. `name` and `function` are globs (fnmatch), over the node's name and over the
  // function path that problems name (Scope::path).
  std::string name, function, op;
  std::string use;                             ///< id of the only owner that may convert the nodes
  std::optional<Row> mapping;                  ///< asked before all other rows
  std::map<std::string, std::string> options;  ///< come before those that the plugins have
  bool optional = false;                       ///< may concern no node
  std::string source;                          ///< file:line:column
};

/// Element types or ops that a target cannot take.
struct Denial {
  std::string domain;
  std::string op;            ///< empty: every op
  std::uint64_t dtypes = 0;  ///< bit n: element type n; 0: the op as such
  std::string reason;
  std::string type_var;  ///< variable of the op's schema that `dtypes` speaks of; empty: its first input's; no op: all
  int opset_min = 0;     ///< opsets of `domain` at which this holds; 0: no limit on that side
  int opset_max = 0;
};

/// An op of a target that lists the ops which it takes.
struct Allowance {
  std::string domain;
  std::string op;
  std::uint64_t dtypes = 0;  ///< bit n: element type n; 0: every type
  std::string type_var;      ///< variable of the op's schema that `dtypes` speaks of; empty: its first input's
  int opset_min = 0;         ///< opsets of `domain` at which this holds; 0: no limit on that side
  int opset_max = 0;
};

struct Target {
  std::string id;
  std::string parent;
  std::uint32_t ir_version = 0;
  std::map<std::string, int, std::less<>> domains;  ///< "" is ai.onnx; empty: only a parent for others
  std::vector<Denial>
      denials;  ///< of a target got from Registry::target: those that hold at its opsets, sorted by domain and op
  /// Where it was given: no other op of ai.onnx and ai.onnx.ml is taken. Of a target got from Registry::target: those that hold at its
  /// opsets, sorted by domain and op, and their element types are among the denials too.
  std::vector<Allowance> allowed;
  std::uint32_t max_rank = 0;  ///< of a tensor; 0: no limit
  bool static_shapes = false;  ///< every dim of the model's inputs has to be a number
  std::string doc;
  std::string source;  ///< where its limits are from: document and version, or what was measured
  const Owner* owner = nullptr;

  int opset(std::string_view domain = {}) const {
    const auto it = domains.find(domain);
    return it == domains.end() ? 0 : it->second;
  }

  /// What speaks against element type `dtype` at variable `type_var` of (domain, op), or null. `is_first`: the first input has
  /// that variable. For a target got from Registry::target.
  const Denial* denial(std::string_view domain, std::string_view op, std::string_view type_var, bool is_first,
                       ir::DType dtype) const;
  /// What speaks against the op as such, or null.
  const Denial* denial(std::string_view domain, std::string_view op) const {
    return denial(domain, op, {}, false, ir::DType::kUndefined);
  }

  bool lists_ops = false;  ///< `allowed` is a list, be it empty at its opsets
  Denial unlisted;         ///< of an op that is not among `allowed`
};

/// An op of a custom domain.
struct CustomSchema {
  struct Attr {
    std::string name;
    std::uint32_t kind = 0;  ///< FLOWPORT_ATTR_*
    bool required = false;
  };
  std::string domain, op;
  int since_version = 1;
  std::uint32_t min_inputs = 0, max_inputs = 0, min_outputs = 1, max_outputs = 1;
  std::vector<Attr> attrs;
  bool open_attrs = false;  ///< has attributes that `attrs` does not tell
  std::string library, registration;
  const Owner* owner = nullptr;
};

/// A recogniser of a larger shape; see flowport_rewrite.
struct Rewrite {
  std::string id;  ///< unique within the owner
  std::string phase;
  std::string pattern;
  HandlerFunction apply;
  const Owner* owner = nullptr;
};

/// The definition of an op that TensorFlow does not have, for models that come without one.
struct TfOp {
  std::string op;
  std::string text;        ///< as it was declared, for people
  std::string definition;  ///< serialised OpDef (tensorflow/op_declaration.h)
  const Owner* owner = nullptr;
  std::string source;  ///< file:line of YAML

  /// Where it was declared: a place in YAML, or the plugin's id.
  const std::string& where() const { return source.empty() ? owner->id : source; }
};

/// A row and why it comes where it does.
struct Candidate {
  const Row* row = nullptr;
  bool fits = false;  ///< its range contains the target's opset, and no pin excludes it
  std::string
      reason;  ///< "wins: user plugin before builtin", "lost: opset_min 13 < 18", "needs opset >= 18, target has 13"
};

/// An op that a plugin which did not load would have handled.
struct Absent {
  std::string plugin, reason, next;
};

/// Whether nothing could tell `a` and `b`, rows of one owner, apart: they overlap and have the same priority.
bool conflict(const Row& a, const Row& b);

class Registry {
 public:
  Registry() = default;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  const Owner* add_owner(Owner owner);
  /// Refuses a row that overlaps another of the same owner for the same op (both sources are named).
  Result<void> add_row(Row row);
  /// Refuses a second target, or a second schema of (domain, op, since), of the same name.
  Result<void> add_target(Target target);
  Result<void> add_schema(CustomSchema schema);
  /// Refuses a second definition of an op that differs from the first.
  Result<void> add_tf_op(TfOp op);
  void add_rewrite(Rewrite rewrite) { rewrites_.push_back(std::move(rewrite)); }
  /// A plugin that is not loaded yet and has rewrites.
  void add_rewrites_of(std::shared_ptr<PluginCode> code) { rewriting_.push_back(std::move(code)); }
  /// `use: {Op: owner}`: only rows of `owner` (id) may convert `tf_op`. A later pin replaces an earlier one. Checked by check_pins.
  void pin(std::string tf_op, std::string owner, std::string source);
  void add_absent(std::string tf_op, Absent absent);
  void add_node_rule(NodeRule rule) { node_rules_.push_back(std::move(rule)); }

  /// Candidates for `tf_op` at `target` which fit, best first; empty where none does. A tie for the first place is an error
  /// (Fault::kPlugin); a tie further down ends the list before it, since nothing says which of the two comes next.
  Result<std::vector<const Row*>> resolve(std::string_view tf_op, const Target& target) const;
  /// The same among the rows of `owner`, whatever is pinned.
  Result<std::vector<const Row*>> resolve(std::string_view tf_op, const Target& target, std::string_view owner) const;
  /// Every row for `tf_op`, in order, with the reason of its place: what `explain` prints.
  std::vector<Candidate> explain(std::string_view tf_op, const Target& target) const;
  /// What to tell for an op without fitting row: other opsets that have one, plugins that did not load, near names.
  Problem no_handler(std::string_view tf_op, const Target& target) const;
  /// Pins that match no row, those of node rules included.
  Problems check_pins() const;

  /// `id` with its parents folded in. Errors: unknown id (near names), cycle of parents.
  Result<Target> target(std::string_view id) const;
  std::vector<std::string> target_ids() const;  ///< those that can be asked for, by name with numbers by value
  bool has_target(std::string_view id) const { return targets_.find(id) != targets_.end(); }
  /// `id` or, where that is there, its nearest ancestor that is not; empty: all are there.
  std::string missing_target(std::string_view id) const;
  /// The schema of (domain, op) with the highest since_version that is at most `version`, or null. Version 0: of a domain that
  /// the target does not have; then the newest.
  const CustomSchema* schema(std::string_view domain, std::string_view op, int version) const;
  /// The definition of an op that TensorFlow does not have, or null.
  const TfOp* tf_op(std::string_view op) const;
  /// A definition of the same op that differs from `op`, or null.
  const TfOp* other_definition(const TfOp& op) const;
  /// All definitions, a serialised OpList.
  std::string tf_op_list() const;
  /// In the order in which they are tried: by layer, then by owner, then as the owner has them. Load order does not matter. Loads
  /// the plugins that have some; problems: those that cannot be loaded.
  std::vector<const Rewrite*> rewrites(Problems& problems) const;
  std::vector<std::string_view> ops() const;  ///< TF ops with at least one row, sorted
  const std::vector<const Row*>& rows(std::string_view tf_op) const;
  const std::deque<Owner>& owners() const { return owners_; }
  const std::deque<NodeRule>& node_rules() const { return node_rules_; }

 private:
  struct Pin {
    std::string owner, source;
  };
  const Pin* pin_of(std::string_view tf_op) const;
  /// Rows of `owner` (of any where it is empty) for `tf_op` which fit `target`, best first.
  std::vector<const Row*> fitting(std::string_view tf_op, const Target& target, std::string_view owner) const;
  std::string_view pinned_owner(std::string_view tf_op) const;
  /// Nothing where `owner` has a row for `tf_op` (for any op where that is empty).
  std::optional<Problem> check_pin(std::string_view tf_op, const Pin& pin) const;
  std::deque<Owner> owners_;
  std::deque<Row> rows_;
  std::unordered_map<std::string, std::vector<const Row*>> by_op_;
  std::map<std::string, Target, std::less<>> targets_;
  std::map<std::pair<std::string, std::string>, std::map<int, CustomSchema>> schemas_;  ///< (domain, op), since_version
  std::map<std::string, TfOp, std::less<>> tf_ops_;
  std::deque<Rewrite> rewrites_;
  std::vector<std::shared_ptr<PluginCode>> rewriting_;
  std::deque<NodeRule> node_rules_;
  std::map<std::string, Pin, std::less<>> pins_;
  std::map<std::string, std::vector<Absent>, std::less<>> absent_;
};

}  // namespace flowport::registry
