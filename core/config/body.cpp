#include "config/body.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace flowport::config {
namespace {

constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxBytes = 16'384;
constexpr std::size_t kMaxTensor = 4096;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

ir::DType dtype_named(std::string_view name) {
  constexpr ir::DType kTypes[] = {ir::DType::kFloat,  ir::DType::kDouble, ir::DType::kInt8,  ir::DType::kInt16,
                                  ir::DType::kInt32,  ir::DType::kInt64,  ir::DType::kUint8, ir::DType::kUint16,
                                  ir::DType::kUint32, ir::DType::kUint64, ir::DType::kBool,  ir::DType::kString};
  for (const ir::DType type : kTypes) {
    if (name_of(type) == name) return type;
  }
  return ir::DType::kUndefined;
}

template <typename T>
void put(std::vector<std::byte>& bytes, T value) {
  const auto* begin = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), begin, begin + sizeof(T));
}

/// Bytes of `value` in `type`; false when it is out of range.
bool put_int(std::vector<std::byte>& bytes, ir::DType type, std::int64_t value) {
  const auto within = [&](auto as) {
    using T = decltype(as);
    if (!std::in_range<T>(value)) return false;
    put(bytes, static_cast<T>(value));
    return true;
  };
  switch (type) {
    case ir::DType::kInt8: return within(std::int8_t{});
    case ir::DType::kInt16: return within(std::int16_t{});
    case ir::DType::kInt32: return within(std::int32_t{});
    case ir::DType::kInt64: return within(std::int64_t{});
    case ir::DType::kUint8: return within(std::uint8_t{});
    case ir::DType::kUint16: return within(std::uint16_t{});
    case ir::DType::kUint32: return within(std::uint32_t{});
    case ir::DType::kUint64: return within(std::uint64_t{});
    case ir::DType::kBool:
      if (value != 0 && value != 1) return false;
      put(bytes, static_cast<std::uint8_t>(value));
      return true;
    default: return false;
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Body run() {
    if (text_.size() > kMaxBytes) {
      body_.errors.push_back({0, fmt::format("a body has at most {} bytes", kMaxBytes)});
      return std::move(body_);
    }
    for (skip(); pos_ < text_.size(); skip()) {
      start_ = pos_;
      try {
        statement();
      } catch (SyntaxError& error) {
        body_.errors.push_back(std::move(error));
        // Reading goes on in the next line; always behind the beginning of this statement.
        pos_ = std::min(text_.find('\n', std::max(start_, body_.errors.back().at)), text_.size());
      }
    }
    if (body_.statements.empty() && body_.errors.empty()) body_.errors.push_back({0, "the body is empty"});
    return std::move(body_);
  }

 private:
  [[noreturn]] void fail(std::size_t at, std::string what) const { throw SyntaxError{at, std::move(what)}; }

  void skip() {
    while (pos_ < text_.size()) {
      const char c = text_[pos_];
      if (c == '#') {
        pos_ = std::min(text_.find('\n', pos_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++pos_;
      } else {
        return;
      }
    }
  }

  char peek() {
    skip();
    return pos_ < text_.size() ? text_[pos_] : '\0';
  }

  bool take(char c) {
    if (peek() != c) return false;
    ++pos_;
    return true;
  }

  /// Something else than `what` stands here. Where that is in another line, the end of the line before is told.
  [[noreturn]] void fail_expected(std::string_view what) {
    const char c = peek();
    const std::size_t last = text_.find_last_not_of(" \t\r\n", pos_ == 0 ? 0 : pos_ - 1);
    if (pos_ > start_ && last != std::string_view::npos &&
        text_.substr(last, pos_ - last).find('\n') != std::string_view::npos) {
      fail(last + 1, fmt::format("expected {}, found the end of the line", what));
    }
    fail(pos_, c == '\0' ? fmt::format("expected {}, found the end of the body", what)
                         : fmt::format("expected {}, found '{}'", what, c));
  }

  void expect(char c, std::string_view where) {
    if (!take(c)) fail_expected(fmt::format("'{}' {}", c, where));
  }

  std::string identifier(std::string_view what) {
    if (!is_letter(peek())) fail_expected(what);
    const std::size_t begin = pos_;
    while (pos_ < text_.size() && (is_letter(text_[pos_]) || is_digit(text_[pos_]))) ++pos_;
    return std::string(text_.substr(begin, pos_ - begin));
  }

  void statement() {
    std::vector<TextOutput> outputs;
    do {
      skip();
      const std::size_t at = pos_;
      outputs.push_back({identifier("the name of an output"), at});
    } while (take(','));
    expect('=', "after the outputs of a statement");
    skip();
    const std::size_t at = pos_;
    std::string name = identifier("an op");
    const std::size_t index = call(std::move(name), at, 0);
    body_.statements[index].outputs = std::move(outputs);
  }

  /// A call whose first identifier has been read; index of its statement.
  std::size_t call(std::string name, std::size_t at, int depth) {
    if (depth > kMaxDepth) fail(at, fmt::format("calls are nested more than {} deep", kMaxDepth));
    Statement node;
    while (pos_ < text_.size() && text_[pos_] == '.') {
      ++pos_;
      node.domain += (node.domain.empty() ? "" : ".") + name;
      at = pos_;
      name = identifier("an op after the domain");
    }
    node.op = std::move(name);
    node.at = at;
    const bool attrs_first = attributes(node);
    expect('(', fmt::format("before the inputs of {}", node.op));
    if (!take(')')) {
      do {
        if (peek() == ')') break;
        node.args.push_back(argument(depth));
      } while (take(','));
      expect(')', fmt::format("after the inputs of {}", node.op));
    }
    if (!attrs_first) attributes(node);
    while (!node.args.empty() && node.args.back().kind == TextArg::Kind::kAbsent) node.args.pop_back();
    body_.statements.push_back(std::move(node));
    return body_.statements.size() - 1;
  }

  TextArg argument(int depth) {
    TextArg arg;
    const char c = peek();
    arg.at = pos_;
    if (c == ',') return arg;
    if (c == '@') {
      ++pos_;
      arg.kind = TextArg::Kind::kAttr;
      arg.name = identifier("the name of a TF attribute");
      return arg;
    }
    if (auto literal = constant()) {
      arg.literal = std::move(*literal);
      const auto* text = std::get_if<std::string>(&arg.literal);
      arg.kind = text != nullptr && text->empty() ? TextArg::Kind::kAbsent : TextArg::Kind::kLiteral;
      return arg;
    }
    arg.name = identifier("an input");
    const char next = peek();
    if (next == '(' || next == '<' || next == '.') {
      arg.kind = TextArg::Kind::kCall;
      arg.call = call(std::move(arg.name), arg.at, depth + 1);
    } else {
      arg.kind = TextArg::Kind::kName;
    }
    return arg;
  }

  bool attributes(Statement& node) {
    if (!take('<')) return false;
    do {
      TextAttr attr;
      skip();
      attr.at = pos_;
      attr.name = identifier("the name of an attribute");
      for (const TextAttr& other : node.attrs) {
        if (other.name == attr.name) fail(attr.at, fmt::format("the attribute '{}' is given twice", attr.name));
      }
      if (take(':')) attr.kind = identifier("the kind of the attribute");
      expect('=', fmt::format("after the attribute '{}'", attr.name));
      if (take('@')) {
        attr.value = AttrRef{identifier("the name of a TF attribute")};
      } else if (auto literal = constant()) {
        attr.value = std::move(*literal);
      } else {
        attr.value = tensor(attr.name);
      }
      node.attrs.push_back(std::move(attr));
    } while (take(','));
    expect('>', "after the attributes");
    return true;
  }

  /// A literal or a list of literals; nullopt where something else stands, which is then left unread.
  std::optional<Literal> constant() {
    const char c = peek();
    const std::size_t at = pos_;
    if (c != '[') return scalar();
    ++pos_;
    std::vector<std::int64_t> ints;
    std::vector<double> floats;
    std::vector<std::string> strings;
    std::size_t count = 0;
    while (peek() != ']') {
      if (count > 0) expect(',', "between the items of a list");
      skip();
      const std::size_t item_at = pos_;
      const auto item = scalar();
      if (!item || std::holds_alternative<bool>(*item)) fail(item_at, "a list holds numbers or texts");
      if (const auto* i = std::get_if<std::int64_t>(&*item)) {
        ints.push_back(*i);
        floats.push_back(static_cast<double>(*i));
      } else if (const auto* f = std::get_if<double>(&*item)) {
        floats.push_back(*f);
      } else {
        strings.push_back(std::get<std::string>(*item));
      }
      if (++count > kMaxTensor) fail(at, fmt::format("a list has at most {} items", kMaxTensor));
    }
    ++pos_;
    if (strings.size() == count && count > 0) return Literal(std::move(strings));
    if (!strings.empty()) fail(at, "a list holds either numbers or texts");
    if (ints.size() == count) return Literal(std::move(ints));
    return Literal(std::move(floats));
  }

  std::optional<Literal> scalar() {
    const char c = peek();
    if (c == '"') return Literal(text());
    if (c == '-' || c == '+' || c == '.' || is_digit(c)) return number();
    if (!is_letter(c)) return std::nullopt;
    const std::size_t begin = pos_;
    const std::string word = identifier("a value");
    if (word == "true") return Literal(true);
    if (word == "false") return Literal(false);
    if (word == "inf") return Literal(std::numeric_limits<double>::infinity());
    if (word == "nan") return Literal(std::numeric_limits<double>::quiet_NaN());
    pos_ = begin;
    return std::nullopt;
  }

  std::string text() {
    const std::size_t begin = pos_++;
    std::string value;
    for (; pos_ < text_.size() && text_[pos_] != '"'; ++pos_) {
      if (text_[pos_] == '\\') ++pos_;
      if (pos_ < text_.size()) value += text_[pos_];
    }
    if (pos_ >= text_.size()) fail(begin, "the text has no closing quote");
    ++pos_;
    return value;
  }

  Literal number() {
    const std::size_t begin = pos_;
    const bool negative = text_[pos_] == '-';
    if (negative || text_[pos_] == '+') ++pos_;
    if (text_.substr(pos_).starts_with("inf")) {
      pos_ += 3;
      const double infinity = std::numeric_limits<double>::infinity();
      return negative ? -infinity : infinity;
    }
    const std::size_t digits = pos_;
    const char* end = text_.data() + text_.size();
    std::int64_t i = 0;
    double f = 0;
    // A minus sign belongs to the number for from_chars, so that INT64_MIN and -0.0 come out right; a plus sign does not.
    const char* first = text_.data() + (negative ? begin : digits);
    const auto [int_end, int_code] = std::from_chars(first, end, i);
    const auto [float_end, float_code] = std::from_chars(first, end, f);
    if (float_code == std::errc::invalid_argument || digits >= text_.size() || text_[digits] == '-') {
      fail(begin, "expected a number");
    }
    pos_ = static_cast<std::size_t>(float_end - text_.data());
    if (pos_ < text_.size() && is_letter(text_[pos_])) fail(begin, "expected a number, found a letter in it");
    if (int_end == float_end && int_code == std::errc{}) return i;
    if (float_code != std::errc{} || int_end == float_end) fail(begin, "the number is out of range");
    return f;
  }

  /// "float {1.5}", "int64[2] {1, 2}".
  ir::ConstantPtr tensor(std::string_view attr) {
    skip();
    const std::size_t at = pos_;
    const std::string name = is_letter(peek()) ? identifier("a value") : std::string();
    const ir::DType type = dtype_named(name);
    if (type == ir::DType::kUndefined) {
      fail(at,
           fmt::format(
               "expected a value of '{}': a number, a text in double quotes, a list, @tf_attribute or a tensor such "
               "as float {{1.5}}",
               attr));
    }
    std::vector<std::int64_t> dims;
    std::size_t count = 1;
    if (take('[')) {
      do {
        skip();
        const std::size_t dim_at = pos_;
        const auto dim = scalar();
        const auto* size = dim ? std::get_if<std::int64_t>(&*dim) : nullptr;
        if (size == nullptr || *size < 0) fail(dim_at, "a dim of a tensor is a number");
        if (static_cast<std::uint64_t>(*size) > kMaxTensor || (count *= static_cast<std::size_t>(*size)) > kMaxTensor) {
          fail(dim_at, fmt::format("a tensor in a body has at most {} elements", kMaxTensor));
        }
        dims.push_back(*size);
      } while (take(','));
      expect(']', "after the dims of a tensor");
    }
    expect('{', "before the elements of a tensor");
    std::vector<std::byte> bytes;
    std::vector<std::string> strings;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) expect(',', "between the elements of a tensor");
      skip();
      element(type, bytes, strings);
    }
    expect('}', fmt::format("after {} elements of a tensor", count));
    if (type == ir::DType::kString) return ir::Constant::make_strings(std::move(dims), std::move(strings));
    return ir::Constant::make(type, std::move(dims), Bytes(std::move(bytes)));
  }

  void element(ir::DType type, std::vector<std::byte>& bytes, std::vector<std::string>& strings) {
    const std::size_t at = pos_;
    const auto value = scalar();
    const auto* i = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    const auto* f = value ? std::get_if<double>(&*value) : nullptr;
    const auto* b = value ? std::get_if<bool>(&*value) : nullptr;
    const auto* s = value ? std::get_if<std::string>(&*value) : nullptr;
    bool fits = false;
    if (type == ir::DType::kString) {
      fits = s != nullptr;
      if (fits) strings.push_back(*s);
    } else if (type == ir::DType::kFloat || type == ir::DType::kDouble) {
      fits = i != nullptr || f != nullptr;
      const double number = i != nullptr ? static_cast<double>(*i) : f != nullptr ? *f : 0;
      if (type == ir::DType::kFloat) {
        put(bytes, static_cast<float>(number));
      } else {
        put(bytes, number);
      }
    } else {
      fits = (i != nullptr && put_int(bytes, type, *i)) || (b != nullptr && put_int(bytes, type, *b ? 1 : 0));
    }
    if (!fits) fail(at, fmt::format("expected an element of type {}", name_of(type)));
  }

  std::string_view text_;
  std::size_t pos_ = 0;
  std::size_t start_ = 0;  ///< of the statement that is being read
  Body body_;
};

}  // namespace

Body parse_body(std::string_view text) { return Parser(text).run(); }

}  // namespace flowport::config
