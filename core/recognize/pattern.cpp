#include "recognize/pattern.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "config/body.h"

namespace flowport::recognize {

namespace {

/// The names of "(a, b)" at the front of `text`, which is moved behind it; nullopt where it is no such list.
std::optional<std::vector<std::string>> take_names(std::string_view& text) {
  const auto skip = [&] { text.remove_prefix(std::min(text.find_first_not_of(' '), text.size())); };
  skip();
  const std::size_t end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos) return std::nullopt;
  std::string_view list = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  skip();
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string name;
    for (const char c : list.substr(0, comma)) {
      if (c != ' ') name += c;
    }
    if (name.empty()) return std::nullopt;
    names.push_back(std::move(name));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return names;
}

class Reader {
 public:
  explicit Reader(const registry::Rewrite& rewrite) { pattern_.rewrite = &rewrite; }
  Result<Pattern> read();

 private:
  tl::unexpected<Problem> bad(const std::string& what) const {
    const auto& rewrite = *pattern_.rewrite;
    return problem(Fault::kPlugin, fmt::format("the pattern of rewrite '{}' {}", rewrite.id, what), rewrite.owner->id,
                   "report this to the plugin's author");
  }
  Result<void> read_head(std::string_view& text);
  TermId add(Term term) {
    pattern_.terms.push_back(std::move(term));
    return pattern_.terms.size() - 1;
  }
  static void note(std::vector<std::string>& list, const std::string& name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  }
  TermId named(const std::string& name);
  Result<TermId> argument(const config::TextArg& arg);
  Result<TermId> statement(const config::Statement& statement);

  Pattern pattern_;
  std::vector<std::string> results_;
  std::map<std::string, TermId> names_;
  std::vector<TermId> by_statement_;
};

Result<void> Reader::read_head(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  auto given = take_names(head);
  const bool arrow = head.starts_with("=>");
  if (arrow) head.remove_prefix(2);
  auto made = take_names(head);
  if (!given || !arrow || !made || !head.empty()) return bad("begins with something else than '(names) => (names)'");
  if (made->empty() || made->size() > given->size()) return bad("needs a state for each result");
  results_ = *std::move(made);
  const std::size_t sequences = given->size() - results_.size();
  for (std::size_t i = 0; i < given->size(); ++i) {
    const bool is_state = i >= sequences;
    (is_state ? pattern_.states : pattern_.sequences).push_back((*given)[i]);
    names_[(*given)[i]] = add({is_state ? Term::Kind::kState : Term::Kind::kSequence, (*given)[i], 0, {}, {}});
  }
  if (names_.size() != given->size()) return bad("names an input twice");
  return {};
}

TermId Reader::named(const std::string& name) {
  if (const auto it = names_.find(name); it != names_.end()) return it->second;
  note(pattern_.weights, name);
  return names_[name] = add({Term::Kind::kWeight, name, 0, {}, {}});
}

Result<TermId> Reader::argument(const config::TextArg& arg) {
  switch (arg.kind) {
    case config::TextArg::Kind::kName: return named(arg.name);
    case config::TextArg::Kind::kCall: return by_statement_[arg.call];
    case config::TextArg::Kind::kLiteral: {
      Term term{Term::Kind::kNumber, {}, 0, {}, {}};
      if (const auto* whole = std::get_if<std::int64_t>(&arg.literal)) {
        term.number = static_cast<double>(*whole);
      } else if (const auto* number = std::get_if<double>(&arg.literal)) {
        term.number = *number;
      } else {
        return bad("has a literal that is no number");
      }
      return add(std::move(term));
    }
    default: return bad("has an argument that is neither a name, a call nor a number");
  }
}

Result<TermId> Reader::statement(const config::Statement& statement) {
  if (!statement.attrs.empty()) return bad("has an attribute: only ops without are matched");
  Term term{Term::Kind::kNode, statement.op, 0, {}, {}};
  const bool is_sub = statement.op == "Sub";
  if (statement.domain == "any") {
    term.kind = Term::Kind::kAny;
    note(pattern_.letters, statement.op);
    if (statement.args.size() != 1) return bad("gives any." + statement.op + " more or less than one argument");
  } else if (!statement.domain.empty()) {
    return bad("has an op of domain '" + statement.domain + "'");
  } else if (is_sub || statement.op == "Add" || statement.op == "Sum" || statement.op == "MatMul") {
    term.kind = Term::Kind::kSum;
  }
  for (std::size_t i = 0; i < statement.args.size(); ++i) {
    auto arg = argument(statement.args[i]);
    if (!arg) return arg;
    term.args.push_back(*arg);
    term.signs.push_back(is_sub && i == 1 ? -1 : 1);
  }
  if (statement.op == "MatMul") {
    if (term.args.size() != 2 || pattern_.terms[term.args[1]].kind != Term::Kind::kWeight)
      return bad("has a MatMul with something else than a weight");
    term.kind = Term::Kind::kNode;
  }
  return add(std::move(term));
}

Result<Pattern> Reader::read() {
  std::string_view text = pattern_.rewrite->pattern;
  if (auto head = read_head(text); !head) return tl::make_unexpected(head.error());
  const config::Body body = config::parse_body(text);
  if (!body.errors.empty()) return bad("cannot be read: " + body.errors.front().what);
  for (const auto& each : body.statements) {
    auto term = statement(each);
    if (!term) return tl::make_unexpected(term.error());
    by_statement_.push_back(*term);
    if (each.outputs.size() > 1) return bad("has a node of several outputs");
    for (const auto& output : each.outputs) {
      if (!names_.emplace(output.name, *term).second)
        return bad("defines '" + output.name + "' twice, or after its use");
    }
  }
  for (const auto& result : results_) {
    const auto it = names_.find(result);
    if (it == names_.end()) return bad("does not define its result '" + result + "'");
    pattern_.next.push_back(it->second);
  }
  return std::move(pattern_);
}

}  // namespace

Result<Pattern> read_pattern(const registry::Rewrite& rewrite) { return Reader(rewrite).read(); }

}  // namespace flowport::recognize
