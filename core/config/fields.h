// Reading a YAML tree by a strict schema: every map says which keys it may have, every value which type; what does not fit
// becomes a problem with its place, and reading goes on.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"

namespace flowport::config {

/// Collects the problems of one file.
class Diagnostics {
 public:
  Diagnostics(const Source& source, Problems& problems) : source_(source), problems_(problems) {}

  const Source& source() const { return source_; }
  void error(Mark mark, std::string what, std::string next = {});
  /// A view of the same problems that has not failed yet.
  Diagnostics nested() const { return {source_, problems_}; }
  /// Whether something was reported since this object was made.
  bool failed() const { return problems_.size() != at_start_; }

 private:
  const Source& source_;
  Problems& problems_;
  std::size_t at_start_ = problems_.size();
};

/// "a list", "text", ...
std::string_view kind_of(const YamlNode& node);

/// A plain scalar read as a number or a bool; nullopt where it is none. Quoted text is never a number.
std::optional<std::int64_t> int_of(const YamlNode& node);
std::optional<double> float_of(const YamlNode& node);  ///< integers, inf, -inf and nan too
std::optional<bool> bool_of(const YamlNode& node);     ///< true, false

/// The entries of a map; `what` names the map in messages ("a plugin entry").
class Fields {
 public:
  /// Reports a node that is no map and keys that are not in `allowed`.
  Fields(const YamlNode& node, std::string_view what, std::span<const std::string_view> allowed,
         Diagnostics& diagnostics);
  Fields(const YamlNode& node, std::string_view what, std::initializer_list<std::string_view> allowed,
         Diagnostics& diagnostics)
      : Fields(node, what, std::span(allowed.begin(), allowed.size()), diagnostics) {}

  /// The value of `key`, or null where it is absent.
  const YamlNode* find(std::string_view key) const;
  /// Same, and its absence is reported.
  const YamlNode* require(std::string_view key) const;

  // The value of `key` in its type; nullopt where absent, or of another type, which is reported.
  std::optional<std::string> text(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most) const;
  std::optional<std::vector<std::string>> texts(std::string_view key) const;
  std::optional<bool> flag(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  /// A map of names and single values; empty where absent.
  std::map<std::string, std::string> scalars(std::string_view key) const;

 private:
  const YamlNode& node_;
  std::string_view what_;
  Diagnostics& diagnostics_;
};

/// `node` as text (any scalar but an empty one); reported otherwise, as "'key' ...".
std::optional<std::string> text_of(const YamlNode& node, std::string_view key, Diagnostics& diagnostics);
std::optional<std::int64_t> integer_of(const YamlNode& node, std::string_view key, std::int64_t least,
                                       std::int64_t most, Diagnostics& diagnostics);

struct OpsetRange {
  int min = 0;
  int max = 0;  ///< 0: no upper limit
};
/// "13", "[13, 17]": a lowest opset, or a range.
std::optional<OpsetRange> opset_range_of(const YamlNode& node, Diagnostics& diagnostics);

}  // namespace flowport::config
