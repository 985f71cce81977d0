#include "tensorflow/op_declaration.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include "base/text.h"
#include "tensorflow/data_type.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::tf {
namespace {

using Part = DeclarationFault::Part;

constexpr std::string_view kInputForm =
    "write `name: type`, where type is an element type or an attribute, or `name: N * type`";
constexpr std::string_view kAttrForm =
    "write `name: kind`, `name: kind = default` or `name: int >= 1`, as in TensorFlow's REGISTER_OP";

// Kinds of attributes, and the field of AttrValue (for a list: of its ListValue) that has them.
struct Kind {
  std::string_view name, field;
};
constexpr std::array<Kind, 8> kKinds{{{"string", "s"},
                                      {"int", "i"},
                                      {"float", "f"},
                                      {"bool", "b"},
                                      {"type", "type"},
                                      {"shape", "shape"},
                                      {"tensor", "tensor"},
                                      {"func", "func"}}};
// Groups of element types: a kind of attributes, or among the types that one allows.
constexpr std::array<std::string_view, 4> kTypeGroups{"numbertype", "numerictype", "realnumbertype", "quantizedtype"};

bool is_group(std::string_view name) { return std::ranges::find(kTypeGroups, name) != kTypeGroups.end(); }

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<proto::DataType> type_of(std::string_view name) {
  if (name == "float") return proto::DT_FLOAT;
  if (name == "double") return proto::DT_DOUBLE;
  if (name == "half") return proto::DT_HALF;
  proto::DataType type{};
  if (proto::DataType_Parse(std::string(name), &type))
    return type == proto::DT_INVALID ? std::nullopt : std::optional(type);
  for (int i = 1; proto::DataType_IsValid(i); ++i) {
    if (name_of(static_cast<DataType>(i)) == name) return static_cast<proto::DataType>(i);
  }
  return std::nullopt;
}

/// What is left of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool at_end() { return skip().empty(); }
  /// Takes `token` where it comes next.
  bool take(std::string_view token) {
    if (!skip().starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  /// A name: a letter, then letters, digits and underscores; empty where none comes next.
  std::string_view name() {
    skip();
    std::size_t size = 0;
    const auto is_part = [&](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return std::isalpha(byte) != 0 || (size > 0 && (std::isdigit(byte) != 0 || c == '_'));
    };
    while (size < rest_.size() && is_part(rest_[size])) ++size;
    return taken(size);
  }
  std::string_view digits() {
    skip();
    return taken(std::min(rest_.find_first_not_of("0123456789"), rest_.size()));
  }
  /// A text in single or double quotes, which are not taken apart; empty where none comes next.
  std::string_view quoted() {
    skip();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) return {};
    const std::size_t end = rest_.find(rest_[0], 1);
    return end == rest_.npos ? std::string_view() : taken(end + 1);
  }
  std::string_view all() { return taken(skip().size()); }

 private:
  std::string_view skip() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    return rest_;
  }
  std::string_view taken(std::size_t size) {
    const auto text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }
  std::string_view rest_;
};

/// Its functions give whether the text is well formed, and say otherwise what is wrong.
class Definer {
 public:
  proto::OpDef def;
  std::string what, next;

  bool attr(std::string_view text);
  bool arg(std::string_view text, Part part);

 private:
  bool wrong(std::string_view text, std::string_view why, std::string_view advice) {
    what = fmt::format("'{}': {}", text, why);
    next = advice;
    return false;
  }
  bool attr_kind(Cursor& cursor, std::string_view text, bool is_item, std::string& kind);
  bool allowed_values(Cursor& cursor, std::string_view text, std::string& kind);
  bool default_value(std::string_view value, std::string_view text, proto::OpDef::AttrDef& attr);
  const proto::OpDef::AttrDef* find(std::string_view name) const {
    const auto it = std::ranges::find(def.attr(), name, &proto::OpDef::AttrDef::name);
    return it == def.attr().end() ? nullptr : &*it;
  }
  bool unknown_type(std::string_view text, std::string_view name);
};

/// What stands behind "{": types or strings.
bool Definer::allowed_values(Cursor& cursor, std::string_view text, std::string& kind) {
  do {
    const bool is_string = !cursor.quoted().empty();
    const std::string_view name = is_string ? std::string_view() : cursor.name();
    if (!is_string && !is_group(name) && !type_of(name))
      return wrong(text, fmt::format("'{}' is no element type and no quoted string", name), kAttrForm);
    const std::string_view found = is_string ? "string" : "type";
    if (!kind.empty() && kind != found) return wrong(text, "types and strings are mixed", kAttrForm);
    kind = found;
  } while (cursor.take(","));
  return cursor.take("}") || wrong(text, "there is no '}'", kAttrForm);
}

bool Definer::attr_kind(Cursor& cursor, std::string_view text, bool is_item, std::string& kind) {
  if (cursor.take("{")) return allowed_values(cursor, text, kind);
  const std::string_view name = cursor.name();
  if (name == "list" && !is_item) {
    std::string item;
    if (!cursor.take("(")) return wrong(text, "a list is written as list(kind)", kAttrForm);
    if (!attr_kind(cursor, text, true, item)) return false;
    kind = fmt::format("list({})", item);
    return cursor.take(")") || wrong(text, "there is no ')'", kAttrForm);
  }
  if (is_group(name)) {
    kind = "type";
    return true;
  }
  kind = name;
  if (std::ranges::find(kKinds, name, &Kind::name) != kKinds.end()) return true;
  std::vector<std::string_view> names;
  if (!is_item) names.push_back("list");
  for (const Kind& each : kKinds) names.push_back(each.name);
  const std::string near = did_you_mean(name, names);
  return wrong(text, fmt::format("there is no kind of attributes '{}'", name), near.empty() ? kAttrForm : near);
}

/// A default is written as in protobuf's text format; a type by its name too.
bool Definer::default_value(std::string_view value, std::string_view text, proto::OpDef::AttrDef& attr) {
  std::string_view kind = attr.type();
  const bool is_list = kind.starts_with("list(");
  if (is_list) kind = kind.substr(5, kind.size() - 6);
  const auto field = std::ranges::find(kKinds, kind, &Kind::name)->field;
  std::string written(value);
  if (kind == "type" && !is_list) {
    const auto type = type_of(value);
    if (!type) return wrong(text, fmt::format("'{}' is no element type", value), kAttrForm);
    written = proto::DataType_Name(*type);
  }
  if (kind == "func") written = fmt::format("{{ name: {} }}", value);
  written = is_list ? fmt::format("list {{ {}: {} }}", field, written) : fmt::format("{}: {}", field, written);
  const google::protobuf::LogSilencer silence;
  if (!google::protobuf::TextFormat::ParseFromString(written, attr.mutable_default_value()))
    return wrong(text, fmt::format("'{}' is no {}", value, attr.type()), kAttrForm);
  if (is_list) attr.mutable_default_value()->mutable_list();
  return true;
}

bool Definer::attr(std::string_view text) {
  Cursor cursor(text);
  const std::string_view name = cursor.name();
  if (name.empty() || !cursor.take(":")) return wrong(text, "it does not begin with a name and ':'", kAttrForm);
  if (find(name) != nullptr)
    return wrong(text, fmt::format("there is already an attribute '{}'", name), "leave one out");
  proto::OpDef::AttrDef attr;
  attr.set_name(std::string(name));
  if (!attr_kind(cursor, text, false, *attr.mutable_type())) return false;
  if (cursor.take(">=")) {
    if (attr.type() != "int" && !attr.type().starts_with("list"))
      return wrong(text, "only an int and a list have a lower limit", kAttrForm);
    cursor.take("-");
    if (cursor.digits().empty()) return wrong(text, "there is no number behind '>='", kAttrForm);
  }
  if (cursor.take("=") && !default_value(cursor.all(), text, attr)) return false;
  if (!cursor.at_end()) return wrong(text, fmt::format("'{}' is too much", cursor.all()), kAttrForm);
  *def.add_attr() = std::move(attr);
  return true;
}

bool Definer::unknown_type(std::string_view text, std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& attr : def.attr()) names.push_back(attr.name());
  for (int i = 1; proto::DataType_IsValid(i); ++i) names.push_back(name_of(static_cast<DataType>(i)));
  const std::string near = did_you_mean(name, names);
  return wrong(text, fmt::format("'{}' is no element type and no attribute of the op", name),
               near.empty() ? fmt::format("declare it among the attributes: `{}: type`", name) : near);
}

bool Definer::arg(std::string_view text, Part part) {
  auto& args = part == Part::kInput ? *def.mutable_input_arg() : *def.mutable_output_arg();
  Cursor cursor(text);
  proto::OpDef::ArgDef arg;
  arg.set_name(std::string(cursor.name()));
  if (arg.name().empty() || !cursor.take(":")) return wrong(text, "it does not begin with a name and ':'", kInputForm);
  if (std::ranges::find(args, arg.name(), &proto::OpDef::ArgDef::name) != args.end())
    return wrong(text, fmt::format("there is already an argument '{}'", arg.name()), "give one another name");
  std::string_view name = cursor.name();
  if (name == "Ref" && cursor.take("(")) {
    arg.set_is_ref(true);
    name = cursor.name();
  }
  if (cursor.take("*")) {
    const auto* number = find(name);
    if (number == nullptr || number->type() != "int") {
      return wrong(text, fmt::format("'{}' is no int attribute of the op", name),
                   fmt::format("declare it among the attributes: `{}: int >= 1`", name));
    }
    arg.set_number_attr(std::string(name));
    name = cursor.name();
  }
  const auto* attr = find(name);
  if (attr != nullptr && attr->type() == "type") {
    arg.set_type_attr(std::string(name));
  } else if (attr != nullptr && attr->type() == "list(type)" && arg.number_attr().empty()) {
    arg.set_type_list_attr(std::string(name));
  } else if (attr != nullptr) {
    return wrong(text, fmt::format("the attribute '{}' is {}, not a type", name, attr->type()), kInputForm);
  } else if (const auto type = type_of(name)) {
    arg.set_type(*type);
  } else {
    return unknown_type(text, name);
  }
  if (arg.is_ref() && !cursor.take(")")) return wrong(text, "there is no ')'", kInputForm);
  if (!cursor.at_end()) return wrong(text, fmt::format("'{}' is too much", cursor.all()), kInputForm);
  *args.Add() = std::move(arg);
  return true;
}

/// Maps have no order of their own: serialised so that the same message gives the same bytes.
std::string serialised(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&coded);
  return bytes;
}

}  // namespace

std::string text_of(const OpDeclaration& declaration) {
  std::string text = fmt::format("{}({}) -> ({})", declaration.op, join(declaration.inputs), join(declaration.outputs));
  if (!declaration.attrs.empty()) text += "; " + join(declaration.attrs);
  return text;
}

tl::expected<std::string, DeclarationFault> define(const OpDeclaration& declaration) {
  Definer definer;
  definer.def.set_name(declaration.op);
  const auto fault = [&](Part part, std::size_t index) {
    return tl::make_unexpected(DeclarationFault{part, index, std::move(definer.what), std::move(definer.next)});
  };
  for (std::size_t i = 0; i < declaration.attrs.size(); ++i) {
    if (!definer.attr(declaration.attrs[i])) return fault(Part::kAttr, i);
  }
  for (std::size_t i = 0; i < declaration.inputs.size(); ++i) {
    if (!definer.arg(declaration.inputs[i], Part::kInput)) return fault(Part::kInput, i);
  }
  for (std::size_t i = 0; i < declaration.outputs.size(); ++i) {
    if (!definer.arg(declaration.outputs[i], Part::kOutput)) return fault(Part::kOutput, i);
  }
  definer.def.ByteSizeLong();
  return serialised(definer.def);
}

std::string op_list_of(const std::vector<std::string_view>& definitions) {
  proto::OpList list;
  for (const std::string_view definition : definitions) list.add_op()->ParseFromString(std::string(definition));
  return list.SerializeAsString();
}

std::vector<std::string> split_texts(std::string_view list) {
  std::vector<std::string> texts;
  if (trimmed(list).empty()) return texts;
  int depth = 0;
  char quote = '\0';
  std::size_t start = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '{' || c == '[') {
      ++depth;
    } else if (c == ')' || c == '}' || c == ']') {
      --depth;
    } else if (c == ',' && depth == 0) {
      texts.emplace_back(trimmed(list.substr(start, i - start)));
      start = i + 1;
    }
  }
  texts.emplace_back(trimmed(list.substr(start)));
  return texts;
}

}  // namespace flowport::tf
