// A YAML text as a tree whose every node knows its place. The text is hostile: size, depth and number of nodes are bounded,
// aliases are refused, a key that stands twice in a map is a problem.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"

namespace flowport::config {

/// Counted from 1.
struct Mark {
  int line = 1;
  int column = 1;
};

struct YamlEntry;

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  Mark mark;
  std::string text;                ///< of a scalar
  bool is_plain = false;           ///< a scalar without quotes and not a block: may be a number or a bool
  std::vector<YamlNode> items;     ///< of a list
  std::vector<YamlEntry> entries;  ///< of a map, in order of the file

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
};

struct YamlEntry {
  YamlNode key;  ///< a scalar
  YamlNode value;
};

/// A file as read, for messages: its name and its lines.
class Source {
 public:
  Source(std::string name, std::string text);
  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  /// "name:line:column".
  std::string at(Mark mark) const;
  /// "name:line".
  std::string line_at(Mark mark) const;
  /// Line `line` (from 1) without its end; empty past the last.
  std::string_view line(int line) const;

 private:
  std::string name_, text_;
  std::vector<std::size_t> starts_;
};

/// Where each character of a scalar's text lies in the file.
class TextPlaces {
 public:
  TextPlaces(const Source& source, const YamlNode& scalar);
  /// Place of text[offset]. The scalar's own place where the text was folded or escaped, so that offsets say nothing.
  Mark operator()(std::size_t offset) const;

 private:
  const Source& source_;
  const YamlNode& scalar_;
  enum class Form { kInline, kBlock, kOther } form_ = Form::kOther;
};

/// The only document of `source`; a null node when it is empty. Adds what is wrong to `problems` (Fault::kPlugin); the tree is
/// good for reading on only when nothing was added.
YamlNode parse_yaml(const Source& source, Problems& problems);

}  // namespace flowport::config
