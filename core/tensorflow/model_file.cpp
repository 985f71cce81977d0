#include "tensorflow/model_file.h"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/mapped_file.h"
#include "tensorflow/wire.h"

namespace flowport::tf {
namespace {

constexpr std::size_t kHeadSize = 4096;

struct Foreign {
  std::size_t offset;
  std::string_view magic;
  std::string_view what;
  std::string_view next;
};

constexpr std::string_view kExport = "load it in Python and export a SavedModel: model.export('folder')";
constexpr std::array<Foreign, 4> kForeign = {{
    {0, "\x89HDF\r\n\x1a\n", "a Keras HDF5 file", kExport},
    {0, "PK\x03\x04", "a zip archive (a .keras file?)", kExport},
    {4, "TFL3", "a TensorFlow Lite model", "convert the model that it was made from"},
    {0, "\x1f\x8b", "a gzip file", "unpack it first"},
}};

// Of the fields at the top of a GraphDef only versions (4) and version (3, a number) stand beside nodes and library, while
// a MetaGraphDef always brings a saver, signatures or collections, and a SavedModel starts with its version number.
MessageKind kind_of_wire(ByteSpan bytes) {
  WireReader reader(bytes);
  bool first = true;
  while (reader.next()) {
    const WireField& field = reader.field();
    if (first && field.number == 1 && field.type == WireType::kVarint) return MessageKind::kSavedModel;
    first = false;
    if (field.type == WireType::kBytes && (field.number == 3 || field.number > 4)) return MessageKind::kMetaGraph;
  }
  return MessageKind::kGraphDef;
}

}  // namespace

Result<ModelFile> read_model_file(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  if (!file) return tl::make_unexpected(file.error());
  ModelFile model;
  model.name = path.string();
  const ByteSpan bytes = (*file)->bytes();
  const std::string_view text = as_text(bytes);
  if (text.empty()) return problem(Fault::kModel, "the file is empty", model.name, "save the model again");
  for (const Foreign& foreign : kForeign) {
    if (text.size() > foreign.offset && text.substr(foreign.offset).starts_with(foreign.magic)) {
      return problem(Fault::kModel, fmt::format("the file is {}, no TensorFlow graph", foreign.what), model.name,
                     std::string(foreign.next));
    }
  }
  if (looks_like_text(text.substr(0, kHeadSize))) {
    const auto start = text.find_first_not_of(" \t\r\n");
    if (start != std::string_view::npos && text[start] == '{') {
      return problem(Fault::kModel, "the file is JSON, no TensorFlow graph", model.name,
                     "convert the SavedModel that it was made from");
    }
    model.text = true;
    model.kind = kind_of_text(text);
    auto wire = text_to_wire(text, model.kind, model.name);
    if (!wire) return tl::make_unexpected(wire.error());
    model.wire = std::move(*wire);
    return model;
  }
  model.kind = kind_of_wire(bytes);
  model.wire = Bytes::of_file(*file, bytes);
  return model;
}

}  // namespace flowport::tf
