#include "config/document.h"

#include <algorithm>
#include <istream>
#include <set>
#include <streambuf>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace flowport::config {
namespace {

constexpr std::size_t kMaxBytes = 4u << 20;
constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxNodes = 200'000;

Mark to_mark(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

/// Ends the parse after a problem that leaves nothing to read on.
struct Stop {};

class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(const std::string& text) {
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

class Builder : public YAML::EventHandler {
 public:
  Builder(const Source& source, Problems& problems) : source_(source), problems_(problems) {}

  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    leaf(mark, anchor, YamlNode::Kind::kNull, {}, {});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    leaf(mark, anchor, YamlNode::Kind::kScalar, tag, value);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    stop(to_mark(mark), "aliases are not supported", "write the value out");
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::kList);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::kMap);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    YamlNode node;
    YamlNode key;
    bool has_key = false;
    std::set<std::string, std::less<>> keys;
  };

  [[noreturn]] void stop(Mark mark, std::string what, std::string next) {
    problems_.push_back({Fault::kPlugin, std::move(what), source_.at(mark), std::move(next)});
    throw Stop{};
  }

  void check(Mark mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) stop(mark, "anchors are not supported", "write the value out where it is used");
    if (!tag.empty() && tag != "?" && tag != "!") {
      stop(mark, fmt::format("the tag {} is not supported", tag),
           "remove the tag; put text that looks like a number in quotes");
    }
    if (++count_ > kMaxNodes) stop(mark, fmt::format("more than {} values in one file", kMaxNodes), "split the file");
  }

  void leaf(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind, const std::string& tag,
            const std::string& value) {
    check(to_mark(mark), tag, anchor);
    YamlNode node;
    node.kind = kind;
    node.mark = to_mark(mark);
    node.text = value;
    node.is_plain = tag == "?";
    add(std::move(node));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    check(to_mark(mark), tag, anchor);
    if (levels_.size() >= kMaxDepth) stop(to_mark(mark), fmt::format("more than {} levels of nesting", kMaxDepth), {});
    if (in_key()) stop(to_mark(mark), "a key must be plain text", {});
    Level level;
    level.node.kind = kind;
    level.node.mark = to_mark(mark);
    levels_.push_back(std::move(level));
  }

  void close() {
    YamlNode node = std::move(levels_.back().node);
    levels_.pop_back();
    add(std::move(node));
  }

  bool in_key() const { return !levels_.empty() && levels_.back().node.is_map() && !levels_.back().has_key; }

  void add(YamlNode node) {
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.is_list()) {
      level.node.items.push_back(std::move(node));
    } else if (level.has_key) {
      level.node.entries.push_back({std::move(level.key), std::move(node)});
      level.has_key = false;
    } else {
      if (!node.is_scalar()) stop(node.mark, "a key must be plain text", {});
      if (!level.keys.insert(node.text).second) {
        const auto first =
            std::ranges::find(level.node.entries, node.text, [](const YamlEntry& e) { return e.key.text; });
        problems_.push_back({Fault::kPlugin, fmt::format("the key '{}' stands here for the second time", node.text),
                             source_.at(node.mark),
                             fmt::format("remove one of the two; the first is in line {}", first->key.mark.line)});
      }
      level.key = std::move(node);
      level.has_key = true;
    }
  }

  const Source& source_;
  Problems& problems_;
  YamlNode root_;
  std::vector<Level> levels_;
  std::size_t count_ = 0;
};

}  // namespace

Source::Source(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {
  starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') starts_.push_back(i + 1);
  }
}

std::string Source::at(Mark mark) const { return fmt::format("{}:{}:{}", name_, mark.line, mark.column); }

std::string Source::line_at(Mark mark) const { return fmt::format("{}:{}", name_, mark.line); }

std::string_view Source::line(int line) const {
  const auto index = static_cast<std::size_t>(line - 1);
  if (line < 1 || index >= starts_.size()) return {};
  const std::string_view rest = std::string_view(text_).substr(starts_[index]);
  std::string_view found = rest.substr(0, rest.find('\n'));
  if (found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

TextPlaces::TextPlaces(const Source& source, const YamlNode& scalar) : source_(source), scalar_(scalar) {
  const std::string_view line = source.line(scalar.mark.line);
  const auto column = static_cast<std::size_t>(scalar.mark.column - 1);
  if (column >= line.size()) return;
  const char first = line[column];
  if (first == '|') {
    form_ = Form::kBlock;
  } else {
    const std::size_t quote = first == '"' || first == '\'' ? 1 : 0;
    if (line.substr(column + quote).starts_with(scalar.text)) form_ = Form::kInline;
  }
}

Mark TextPlaces::operator()(std::size_t offset) const {
  if (form_ == Form::kOther) return scalar_.mark;
  const std::string_view text = scalar_.text;
  offset = std::min(offset, text.size());
  if (form_ == Form::kInline) {
    const std::string_view line = source_.line(scalar_.mark.line);
    const char first = line[static_cast<std::size_t>(scalar_.mark.column - 1)];
    const int quote = !scalar_.is_plain && (first == '"' || first == '\'') ? 1 : 0;
    return {scalar_.mark.line, scalar_.mark.column + quote + static_cast<int>(offset)};
  }
  const auto newlines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
  const std::size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view content = text.substr(start, text.find('\n', start) - start);
  const int line = scalar_.mark.line + 1 + static_cast<int>(newlines);
  const std::string_view raw = source_.line(line);
  const std::size_t indent = raw.ends_with(content) ? raw.size() - content.size() : 0;
  return {line, static_cast<int>(indent + (offset - start)) + 1};
}

YamlNode parse_yaml(const Source& source, Problems& problems) {
  const auto fail = [&](Mark mark, std::string what, std::string next) {
    problems.push_back({Fault::kPlugin, std::move(what), source.at(mark), std::move(next)});
    return YamlNode{};
  };
  if (source.text().size() > kMaxBytes) {
    return fail(
        {}, fmt::format("the file has {} bytes; a configuration has at most {}", source.text().size(), kMaxBytes), {});
  }
  if (const auto nul = source.text().find('\0'); nul != std::string::npos) {
    const auto line = std::count(source.text().begin(), source.text().begin() + static_cast<std::ptrdiff_t>(nul), '\n');
    return fail({static_cast<int>(line) + 1, 1}, "a zero byte: this is not a text file", "save it as UTF-8");
  }
  ViewBuffer buffer(source.text());
  std::istream stream(&buffer);
  Builder builder(source, problems);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return {};
    YamlNode root = builder.take();
    Builder rest(source, problems);
    if (parser.HandleNextDocument(rest)) {
      return fail(rest.take().mark, "a second document, or text after the end of the first",
                  "a configuration is one document: check the indentation, or split the file");
    }
    return root;
  } catch (const Stop&) {
    return {};
  } catch (const YAML::Exception& e) {
    return fail(to_mark(e.mark), "not YAML: " + e.msg, "check indentation, colons and brackets in and above this line");
  } catch (const std::exception& e) {
    return fail({}, std::string("not YAML: ") + e.what(), {});
  }
}

}  // namespace flowport::config
