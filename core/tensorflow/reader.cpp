#include "tensorflow/reader.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "tensorflow/model_file.h"
#include "tensorflow/model_parts.h"
#include "tensorflow/model_program.h"
#include "tensorflow/protos/saved_model.pb.h"

namespace flowport::tf {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kSavedModelMetaGraph = 2;
constexpr std::string_view kServe = "serve";

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

Problem damaged(const ModelFile& file, std::string_view what) {
  return Problem{Fault::kModel, fmt::format("the file is no {}, or it is damaged or cut short", what), file.name,
                 "save or copy the model again"};
}

ModelParts parts_of(const ModelFile& file, fs::path path, Format format) {
  ModelParts parts;
  parts.format = format;
  parts.path = std::move(path);
  parts.source = file.wire;
  parts.name = file.name;
  return parts;
}

std::string show_tags(std::vector<std::string> tags) {
  return tags.empty() ? "(none)" : fmt::format("'{}'", fmt::join(tags, ","));
}

struct TaggedGraph {
  ByteSpan bytes;
  std::vector<std::string> tags;
};

/// The graph with exactly the wanted tags; without a wish the only one, or else the one for serving.
Result<ByteSpan> choose(const std::vector<TaggedGraph>& graphs, std::vector<std::string> wanted,
                        const std::string& where) {
  if (wanted.empty()) {
    if (graphs.size() == 1) return graphs.front().bytes;
    wanted = {std::string(kServe)};
  }
  std::ranges::sort(wanted);
  std::vector<std::string> present;
  for (const TaggedGraph& graph : graphs) {
    std::vector<std::string> tags = graph.tags;
    std::ranges::sort(tags);
    if (tags == wanted) return graph.bytes;
    present.push_back(show_tags(graph.tags));
  }
  return problem(Fault::kModel, fmt::format("the SavedModel has no graph with the tags {}", show_tags(wanted)), where,
                 fmt::format("it has graphs with the tags {}", join(present, " and ")));
}

Result<std::unique_ptr<Program>> read_saved_model(const fs::path& folder, const fs::path& path,
                                                  const ReadOptions& options) {
  const auto file = read_model_file(path);
  if (!file) return tl::make_unexpected(file.error());
  std::vector<TaggedGraph> graphs;
  WireReader reader(file->wire.span());
  while (reader.next()) {
    const WireField& field = reader.field();
    if (field.number != kSavedModelMetaGraph || field.type != WireType::kBytes) continue;
    TaggedGraph& graph = graphs.emplace_back();
    graph.bytes = field.bytes;
    if (!read_tags(field.bytes, graph.tags)) return tl::make_unexpected(damaged(*file, "SavedModel"));
  }
  if (reader.failed() || file->kind != MessageKind::kSavedModel || graphs.empty()) {
    return tl::make_unexpected(damaged(*file, "SavedModel"));
  }
  const auto chosen = choose(graphs, options.tags, file->name);
  if (!chosen) return tl::make_unexpected(chosen.error());
  ModelParts parts = parts_of(*file, folder, Format::kSavedModel);
  parts.checkpoint = (folder / "variables" / "variables").string();
  parts.assets = folder / "assets";
  if (!add_meta_graph(*chosen, parts)) return tl::make_unexpected(damaged(*file, "SavedModel"));
  return make_program(std::move(parts), options.extra_ops);
}

Result<std::unique_ptr<Program>> read_meta_graph(const ModelFile& file, const fs::path& path, const std::string& prefix,
                                                 const ReadOptions& options) {
  ModelParts parts = parts_of(file, path, Format::kCheckpoint);
  parts.checkpoint = prefix;
  parts.assets = path.parent_path();
  if (!add_meta_graph(file.wire.span(), parts) || parts.nodes.empty()) {
    return tl::make_unexpected(damaged(file, "checkpoint's graph"));
  }
  parts.tags.clear();
  return make_program(std::move(parts), options.extra_ops);
}

Result<std::unique_ptr<Program>> read_checkpoint(const fs::path& path, const std::string& prefix,
                                                 const ReadOptions& options) {
  const auto file = read_model_file(prefix + ".meta");
  if (!file) return tl::make_unexpected(file.error());
  return read_meta_graph(*file, path, prefix, options);
}

Result<std::unique_ptr<Program>> read_graph(const ModelFile& file, const fs::path& path, const ReadOptions& options) {
  ModelParts parts = parts_of(file, path, file.text ? Format::kGraphDefText : Format::kGraphDef);
  parts.assets = path.parent_path();
  if (!add_graph(file.wire.span(), parts) || parts.nodes.empty()) {
    return tl::make_unexpected(damaged(file, "TensorFlow graph"));
  }
  return make_program(std::move(parts), options.extra_ops);
}

Result<std::unique_ptr<Program>> read_file(const fs::path& path, const ReadOptions& options) {
  const auto file = read_model_file(path);
  if (!file) return tl::make_unexpected(file.error());
  switch (file->kind) {
    case MessageKind::kSavedModel: return read_saved_model(path.parent_path(), path, options);
    case MessageKind::kMetaGraph: return read_meta_graph(*file, path, path.string(), options);
    case MessageKind::kGraphDef: break;
  }
  return read_graph(*file, path, options);
}

/// What the folder does hold that could be meant.
std::string hint_for_folder(const fs::path& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto extension = entry.path().extension();
    const bool nested = is_file(entry.path() / "saved_model.pb");
    if (nested || extension == ".pb" || extension == ".pbtxt" || extension == ".meta")
      found.push_back(entry.path().string());
  }
  std::ranges::sort(found);
  constexpr std::size_t kMostShown = 3;
  return found.empty() ? "a SavedModel folder has a file saved_model.pb"
                       : "did you mean " + join(found, " or ", kMostShown);
}

Result<std::unique_ptr<Program>> read_folder(const fs::path& folder, const ReadOptions& options) {
  for (const char* name : {"saved_model.pb", "saved_model.pbtxt"}) {
    if (is_file(folder / name)) return read_saved_model(folder, folder / name, options);
  }
  if (const std::string prefix = (folder / "").string(); is_file(prefix + ".meta")) {
    return read_checkpoint(folder, prefix, options);
  }
  return problem(Fault::kModel, "the folder is no SavedModel: it has no saved_model.pb", folder.string(),
                 hint_for_folder(folder));
}

/// The checkpoint prefix that `path` stands for when it is no model file itself.
std::optional<std::string> checkpoint_prefix(const fs::path& path) {
  std::string prefix = path.string();
  for (const std::string_view suffix : {".meta", ".index"}) {
    if (prefix.ends_with(suffix)) return prefix.substr(0, prefix.size() - suffix.size());
  }
  if (!is_file(path) && (is_file(prefix + ".meta") || is_file(prefix + ".index"))) return prefix;
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<Program>> read_model(const fs::path& path, const ReadOptions& options) {
  if (is_folder(path)) return read_folder(path, options);
  if (const auto prefix = checkpoint_prefix(path)) {
    if (!is_file(*prefix + ".meta") && is_file(*prefix + ".index")) {
      return problem(Fault::kModel, "the checkpoint has weights but no graph", *prefix + ".meta",
                     "a .meta file must stand beside the .index file; or save the model as a SavedModel");
    }
    return read_checkpoint(path, *prefix, options);
  }
  return read_file(path, options);
}

}  // namespace flowport::tf
