#include "config/compile.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "config/literal.h"
#include "config/schemas.h"
#include "config/signature.h"
#include "config/tf_types.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::config {
namespace {

using registry::AttrRule;
using registry::Operand;

Operand local(std::size_t node, int output = 0) {
  Operand operand;
  operand.kind = Operand::Kind::kLocal;
  operand.index = static_cast<int>(node);
  operand.output = output;
  return operand;
}

Operand constant(ir::ConstantPtr value) {
  Operand operand;
  operand.kind = Operand::Kind::kConstant;
  operand.constant = std::move(value);
  return operand;
}

/// Numbers and texts become each other's lists and numbers of the other sort, but never one the other.
bool is_convertible(std::size_t from, std::size_t to) {
  const auto is_number = [](std::size_t kind) { return kind == 0 || kind == 1 || kind == 3 || kind == 4; };
  const auto is_text = [](std::size_t kind) { return kind == 2 || kind == 5; };
  return from == to || (is_number(from) && is_number(to)) || (is_text(from) && is_text(to));
}

/// An input of a node before constants have an element type.
struct Item {
  Operand operand;
  std::optional<Literal> literal;
  Mark mark;
  ir::DType type = ir::DType::kUndefined;  ///< of a constant, where the file says it

  bool is_constant() const { return literal.has_value() || operand.kind == Operand::Kind::kTfAttr; }
  bool is_one_tensor() const {
    return !literal && (operand.kind == Operand::Kind::kInput || operand.kind == Operand::Kind::kLocal);
  }
};

class Compiler {
 public:
  Compiler(const Entry& entry, const Source& source, const tf::OpTable& ops, Diagnostics& diagnostics)
      : entry_(entry), source_(source), op_(ops.find(entry.tf_op)), signature_(op_, entry), diagnostics_(diagnostics) {}

  Compiled run() {
    if (entry_.runtime) result_.mapping.library = entry_.runtime->library;
    if (signature_.has_list_output()) {
      diagnostics_.error(entry_.mark,
                         fmt::format("TF op '{}' has a list output, which a mapping cannot give", entry_.tf_op),
                         "write a handler in a plugin");
    } else if (entry_.has_body()) {
      compile_body();
    } else {
      compile_to();
    }
    return std::move(result_);
  }

 private:
  struct Local {
    Operand operand;
    Mark mark;
    std::size_t statement = 0;
  };

  // ---- `to`

  void compile_to() {
    std::vector<AttrRule> rules;
    std::vector<Mark> marks;
    std::vector<int> constants;
    for (const EntryAttr& attr : entry_.attrs) {
      if (const auto* input = std::get_if<InputName>(&attr.value)) {
        const auto operand = find_input(*input);
        if (!operand) continue;
        if (operand->kind != Operand::Kind::kInput) {
          diagnostics_.error(input->mark, "an input of, or behind, a list argument cannot become an attribute",
                             "write a handler in a plugin");
          continue;
        }
        AttrRule rule;
        rule.name = attr.name;
        rule.source = AttrRule::Source::kInput;
        rule.input = operand->index;
        rule.scale = attr.scale;
        rule.offset = attr.offset;
        rule.kind = attr.kind ? attr.kind : attr_storage(entry_.op, entry_.domain, attr.name);
        constants.push_back(operand->index);
        result_.const_inputs |= std::uint64_t{1} << operand->index;
        add_rule(std::move(rule), attr.mark, rules, marks);
      } else if (const auto* ref = std::get_if<AttrRef>(&attr.value)) {
        add_rule(tf_rule(attr.name, *ref, attr), attr.mark, rules, marks);
      } else {
        value_rule(attr.name, std::get<Literal>(attr.value), attr.mark, rules, marks);
      }
    }
    std::vector<Item> items;
    if (entry_.drop) pass_others(rules, marks);
    if (entry_.inputs) {
      for (const EntryInput& input : *entry_.inputs) {
        if (auto item = item_of(input)) items.push_back(std::move(*item));
      }
    } else {
      for (Operand& operand : signature_.inputs()) {
        if (operand.kind == Operand::Kind::kInput && std::ranges::find(constants, operand.index) != constants.end())
          continue;
        if (operand.kind == Operand::Kind::kAllInputs && !constants.empty()) {
          diagnostics_.error(entry_.op_mark,
                             fmt::format("TF op '{}' is not known, so 'const_inputs' needs 'inputs' too", entry_.tf_op),
                             "list the inputs that stay, for example `inputs: [0, 1]`");
        }
        items.push_back({std::move(operand), std::nullopt, entry_.op_mark, {}});
      }
    }
    int outputs =
        entry_.num_outputs.value_or(signature_.is_known() ? static_cast<int>(signature_.output_names().size()) : 1);
    outputs = std::max(outputs, 1);
    const std::size_t node =
        add_node({entry_.op, entry_.domain, {}, std::move(rules), outputs, {}, entry_.output_types}, items,
                 entry_.op_mark, std::move(marks));
    if (entry_.drop && op_ == nullptr) result_.mapping.body[node].dropped = used_attrs();
    for (int i = 0; i < outputs; ++i) result_.mapping.outputs.push_back(local(node, i));
  }

  /// TF attributes that the entry names: they are not passed on under their own name.
  std::set<std::string, std::less<>> used_attrs() const {
    std::set<std::string, std::less<>> used;
    for (const DroppedAttr& dropped : *entry_.drop) used.insert(dropped.name);
    for (const EntryAttr& attr : entry_.attrs) {
      if (const auto* ref = std::get_if<AttrRef>(&attr.value)) used.insert(ref->name);
    }
    for (const EntryInput& input : entry_.inputs.value_or(std::vector<EntryInput>())) {
      if (const auto* ref = std::get_if<AttrRef>(&input.what)) used.insert(ref->name);
    }
    return used;
  }

  /// The other TF attributes, where the op's definition tells them.
  void pass_others(std::vector<AttrRule>& rules, std::vector<Mark>& marks) {
    if (op_ == nullptr) return;
    const auto used = used_attrs();
    for (const auto& attr : op_->attr()) {
      if (used.contains(attr.name()) || attr.name().starts_with('_')) continue;
      if (!storage_of(std::string_view(attr.type()))) {
        diagnostics_.error(
            entry_.drop_mark,
            fmt::format("the TF attribute '{}' is of kind {}, which no ONNX attribute has", attr.name(), attr.type()),
            fmt::format("add '{}' to 'drop'", attr.name()));
        continue;
      }
      add_rule(tf_rule(attr.name(), {attr.name()}, {}), entry_.drop_mark, rules, marks);
    }
  }

  std::optional<Item> item_of(const EntryInput& input) {
    if (const auto* name = std::get_if<InputName>(&input.what)) {
      auto operand = find_input(*name);
      if (!operand) return std::nullopt;
      return Item{std::move(*operand), std::nullopt, input.mark, {}};
    }
    const auto* ref = std::get_if<AttrRef>(&input.what);
    Item item =
        ref != nullptr ? attr_item(ref->name, input.mark) : Item{{}, std::get<Literal>(input.what), input.mark, {}};
    item.type = input.type;
    return item;
  }

  std::optional<Operand> find_input(const InputName& name) {
    auto operand = name.index >= 0 ? signature_.input(name.index) : signature_.input(name.name);
    if (operand) return operand;
    if (name.index >= 0) {
      diagnostics_.error(name.mark, fmt::format("TF op '{}' has no input {}", entry_.tf_op, name.index),
                         inputs_there());
    } else {
      unknown_name(name.name, name.mark, "input");
    }
    return std::nullopt;
  }

  std::string inputs_there() const {
    const auto names = signature_.input_names();
    if (names.empty()) return signature_.is_known() ? "it has no inputs" : "its inputs are x0, x1, ...";
    return fmt::format("it has {}: {}", names.size(), fmt::join(names, ", "));
  }

  // ---- `body`

  Mark place(std::size_t at) const { return TextPlaces(source_, entry_.body)(at); }

  void compile_body() {
    const Body body = parse_body(entry_.body.text);
    for (const SyntaxError& error : body.errors) diagnostics_.error(place(error.at), error.what);
    if (!body.errors.empty()) return;
    used_.assign(body.statements.size(), false);
    for (std::size_t i = 0; i < body.statements.size(); ++i) {
      const Statement& statement = body.statements[i];
      std::vector<Item> items;
      for (const TextArg& arg : statement.args) items.push_back(item_of(arg));
      op_name_ = statement.op;
      domain_ = statement.domain == "ai.onnx" ? std::string() : statement.domain;
      std::vector<AttrRule> rules;
      std::vector<Mark> marks;
      for (const TextAttr& attr : statement.attrs) add_text_attr(attr, rules, marks);
      const int outputs = std::max(1, static_cast<int>(statement.outputs.size()));
      const std::size_t node =
          add_node({op_name_, domain_, {}, std::move(rules), outputs}, items, place(statement.at), std::move(marks));
      nodes_.push_back(node);
      for (std::size_t o = 0; o < statement.outputs.size(); ++o)
        define(statement.outputs[o], local(node, static_cast<int>(o)), i);
    }
    // What is missing or too much often follows from another mistake, which is told first.
    if (!diagnostics_.failed()) bind_outputs();
    for (std::size_t i = 0; i < body.statements.size() && !diagnostics_.failed(); ++i) {
      const Statement& statement = body.statements[i];
      if (used_[i] || statement.outputs.empty()) continue;
      diagnostics_.error(place(statement.outputs[0].at), fmt::format("'{}' is never used", statement.outputs[0].name),
                         fmt::format("the outputs of TF op '{}' are {}", entry_.tf_op, fmt::join(outputs_, ", ")));
    }
  }

  Item item_of(const TextArg& arg) {
    const Mark mark = place(arg.at);
    switch (arg.kind) {
      case TextArg::Kind::kAbsent: return {{}, std::nullopt, mark, {}};
      case TextArg::Kind::kLiteral: return {{}, arg.literal, mark, {}};
      case TextArg::Kind::kAttr: return attr_item(arg.name, mark);
      case TextArg::Kind::kCall: used_[arg.call] = true; return {local(nodes_[arg.call]), std::nullopt, mark, {}};
      case TextArg::Kind::kName: break;
    }
    if (const auto it = locals_.find(arg.name); it != locals_.end()) {
      used_[it->second.statement] = true;
      return {it->second.operand, std::nullopt, mark, {}};
    }
    if (auto input = signature_.input(arg.name)) return {std::move(*input), std::nullopt, mark, {}};
    unknown_name(arg.name, mark, "value");
    return {local(0), std::nullopt, mark, {}};
  }

  Item attr_item(const std::string& name, Mark mark) {
    const auto* attr = check_tf_attr(op_, name, mark, diagnostics_);
    if (attr != nullptr && !storage_of(std::string_view(attr->type()))) {
      diagnostics_.error(mark,
                         fmt::format("the TF attribute '{}' is of kind {}, which is no constant", name, attr->type()));
    }
    Item item;
    item.operand.kind = Operand::Kind::kTfAttr;
    item.operand.argument = name;
    item.mark = mark;
    return item;
  }

  void unknown_name(std::string_view name, Mark mark, std::string_view sort) {
    std::vector<std::string_view> names = signature_.input_names();
    for (const auto& [known, value] : locals_) names.push_back(known);
    std::string next = did_you_mean(name, names);
    if (next.empty()) next = inputs_there();
    diagnostics_.error(mark, fmt::format("there is no {} '{}'", sort, name), std::move(next));
  }

  void define(const TextOutput& output, Operand operand, std::size_t statement) {
    const Mark mark = place(output.at);
    const bool is_output = std::ranges::find(signature_.output_names(), output.name) != signature_.output_names().end();
    if (signature_.input(output.name) && !is_output) {
      diagnostics_.error(mark, fmt::format("'{}' is an input of TF op '{}'", output.name, entry_.tf_op),
                         "choose another name");
    } else if (!locals_.emplace(output.name, Local{std::move(operand), mark, statement}).second) {
      diagnostics_.error(mark, fmt::format("'{}' is given a second value", output.name), "choose another name");
    }
  }

  void bind_outputs() {
    outputs_ = signature_.output_names();
    if (outputs_.empty()) {
      for (int i = 0; locals_.contains(fmt::format("y{}", i)); ++i) outputs_.push_back(fmt::format("y{}", i));
      if (outputs_.empty()) outputs_.push_back("y");
    }
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      auto it = locals_.find(outputs_[i]);
      if (it == locals_.end()) it = locals_.find(fmt::format("y{}", i));
      if (it == locals_.end()) {
        diagnostics_.error(entry_.body.mark, fmt::format("the output '{}' is given no value", outputs_[i]),
                           fmt::format("end the body with `{} = ...`", outputs_[i]));
        continue;
      }
      used_[it->second.statement] = true;
      result_.mapping.outputs.push_back(it->second.operand);
    }
  }

  void add_text_attr(const TextAttr& attr, std::vector<AttrRule>& rules, std::vector<Mark>& marks) {
    const Mark mark = place(attr.at);
    const auto wanted = attr.kind.empty() ? std::nullopt : storage_named(attr.kind);
    if (!attr.kind.empty() && !wanted) {
      diagnostics_.error(mark, fmt::format("'{}' is no kind of attribute", attr.kind),
                         "kinds: int, float, string, ints, floats, strings, tensor");
      return;
    }
    if (const auto* tensor = std::get_if<ir::ConstantPtr>(&attr.value)) {
      AttrRule rule;
      rule.name = attr.name;
      rule.value = *tensor;
      add_rule(std::move(rule), mark, rules, marks);
    } else if (const auto* ref = std::get_if<AttrRef>(&attr.value)) {
      const auto* def = check_tf_attr(op_, ref->name, mark, diagnostics_);
      const auto storage = def == nullptr ? wanted : storage_of(std::string_view(def->type()));
      if (wanted && storage && *wanted != *storage) {
        diagnostics_.error(
            mark, fmt::format("the TF attribute '{}' gives {}, not {}", ref->name, kind_name(*storage), attr.kind));
      }
      add_rule(tf_rule(attr.name, *ref, {}), mark, rules, marks);
    } else {
      value_rule(attr.name, std::get<Literal>(attr.value), mark, rules, marks, wanted);
    }
  }

  // ---- both

  AttrRule tf_rule(const std::string& name, const AttrRef& ref, const EntryAttr& attr) {
    AttrRule rule;
    rule.name = name;
    rule.source = AttrRule::Source::kTfAttr;
    rule.tf_attr = ref.name;
    rule.scale = attr.scale;
    rule.offset = attr.offset;
    rule.kind = attr.kind;
    if (attr.is_scaled && !rule.kind) rule.kind = attr_storage(target_op(), target_domain(), name);
    check_conversion(attr, ref);
    const auto wanted = attr_storage(target_op(), target_domain(), name);
    for (const auto& [text, literal] : attr.choices) {
      const auto value = to_storage(literal, wanted.value_or(storage_of(literal)));
      if (value) {
        rule.choices.emplace(text, *value);
      } else {
        wrong_kind(name, literal, *wanted, attr.mark);
      }
    }
    return rule;
  }

  void check_conversion(const EntryAttr& attr, const AttrRef& ref) {
    if (op_ == nullptr || (!attr.kind && !attr.is_scaled)) return;
    const auto def = std::ranges::find(op_->attr(), ref.name, &tf::proto::OpDef::AttrDef::name);
    const auto from = def == op_->attr().end() ? std::nullopt : storage_of(std::string_view(def->type()));
    if (!from) return;  // reported elsewhere
    constexpr std::size_t kInt = 0;
    if (attr.is_scaled && !is_convertible(*from, kInt)) {
      diagnostics_.error(attr.mark, fmt::format("the TF attribute '{}' is {}: only numbers have 'scale' and 'offset'",
                                                ref.name, kind_name(*from)));
    } else if (attr.kind && !is_convertible(*from, *attr.kind)) {
      diagnostics_.error(attr.mark, fmt::format("the TF attribute '{}' is {}, which cannot be made {}", ref.name,
                                                kind_name(*from), kind_name(*attr.kind)));
    }
  }

  void value_rule(const std::string& name, const Literal& literal, Mark mark, std::vector<AttrRule>& rules,
                  std::vector<Mark>& marks, std::optional<std::size_t> wanted = std::nullopt) {
    if (!wanted) wanted = attr_storage(target_op(), target_domain(), name);
    const auto value = to_storage(literal, wanted.value_or(storage_of(literal)));
    if (!value) return wrong_kind(name, literal, *wanted, mark);
    AttrRule rule;
    rule.name = name;
    rule.value = *value;
    add_rule(std::move(rule), mark, rules, marks);
  }

  void wrong_kind(const std::string& name, const Literal& literal, std::size_t wanted, Mark mark) {
    diagnostics_.error(mark, fmt::format("the ONNX attribute '{}' is of kind {}, not {}", name, kind_name(wanted),
                                         kind_name(storage_of(literal))));
  }

  static void add_rule(AttrRule rule, Mark mark, std::vector<AttrRule>& rules, std::vector<Mark>& marks) {
    rules.push_back(std::move(rule));
    marks.push_back(mark);
  }

  const std::string& target_op() const { return entry_.has_body() ? op_name_ : entry_.op; }
  const std::string& target_domain() const { return entry_.has_body() ? domain_ : entry_.domain; }

  /// Adds `node` with `items` as its inputs, and the casts that constants among them need; its index in the body.
  std::size_t add_node(registry::BodyNode node, const std::vector<Item>& items, Mark mark,
                       std::vector<Mark> attr_marks) {
    const auto* schema = has_schemas(node.domain) ? newest_signature(node.op, node.domain) : nullptr;
    for (std::size_t i = 0; i < items.size(); ++i) {
      node.inputs.push_back(items[i].is_constant() ? typed_constant(items, i, schema) : items[i].operand);
    }
    return append(std::move(node), mark, std::move(attr_marks));
  }

  std::size_t append(registry::BodyNode node, Mark mark, std::vector<Mark> attr_marks) {
    result_.mapping.body.push_back(std::move(node));
    result_.places.push_back({mark, std::move(attr_marks)});
    return result_.mapping.body.size() - 1;
  }

  Operand typed_constant(const std::vector<Item>& items, std::size_t i, const ir::OpSignature* schema) {
    const Item& item = items[i];
    if (item.type != ir::DType::kUndefined) {
      AttrRule to;
      to.name = "to";
      to.value = static_cast<std::int64_t>(item.type);
      Operand value = item.literal ? constant(to_constant(*item.literal)) : item.operand;
      return local(append({"Cast", "", {std::move(value)}, {std::move(to)}, 1}, item.mark, {item.mark}));
    }
    const auto* slot = schema == nullptr ? nullptr : input_slot(*schema, i);
    for (std::size_t j = 0; slot != nullptr && slot->type_var >= 0 && j < items.size(); ++j) {
      const auto* other = input_slot(*schema, j);
      if (!items[j].is_one_tensor() || other == nullptr || other->type_var != slot->type_var) continue;
      Operand value = item.literal ? constant(to_constant(*item.literal)) : item.operand;
      return local(append({"CastLike", "", {std::move(value), items[j].operand}, {}, 1, {}}, item.mark, {}));
    }
    if (!item.literal) return item.operand;
    constexpr ir::DType kPreferred[] = {ir::DType::kInt64, ir::DType::kFloat,  ir::DType::kBool,
                                        ir::DType::kInt32, ir::DType::kDouble, ir::DType::kString};
    for (const ir::DType type : kPreferred) {
      if (slot != nullptr && (slot->dtypes >> static_cast<int>(type) & 1) == 0) continue;
      if (auto value = to_constant(*item.literal, type)) return constant(std::move(value));
    }
    diagnostics_.error(item.mark, "the literal has a type that the op does not take here");
    return item.operand;
  }

  const Entry& entry_;
  const Source& source_;
  const tf::proto::OpDef* op_;
  Signature signature_;
  Diagnostics& diagnostics_;
  Compiled result_;
  std::map<std::string, Local, std::less<>> locals_;
  std::vector<std::size_t> nodes_;  ///< body node of each statement
  std::vector<bool> used_;          ///< by statement
  std::vector<std::string> outputs_;
  std::string op_name_, domain_;
};

}  // namespace

Compiled compile(const Entry& entry, const Source& source, const tf::OpTable& ops, Diagnostics& diagnostics) {
  return Compiler(entry, source, ops, diagnostics).run();
}

}  // namespace flowport::config
