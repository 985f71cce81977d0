#include "tensorflow/text_model.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include "tensorflow/protos/saved_model.pb.h"

namespace flowport::tf {
namespace {

constexpr int kMostNesting = 100;

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (message_.empty()) {
      line_ = line + 1;
      column_ = column + 1;
      message_ = message;
    }
  }

  tl::unexpected<Problem> problem_in(const std::string& name) const {
    return problem(Fault::kModel, fmt::format("the text is no model: {}", message_),
                   fmt::format("{}:{}:{}", name, line_, column_));
  }

 private:
  int line_ = 1;
  int column_ = 1;
  std::string message_ = {};
};

std::unique_ptr<google::protobuf::Message> make_message(MessageKind kind) {
  switch (kind) {
    case MessageKind::kGraphDef: return std::make_unique<proto::GraphDef>();
    case MessageKind::kMetaGraph: return std::make_unique<proto::MetaGraphDef>();
    case MessageKind::kSavedModel: break;
  }
  return std::make_unique<proto::SavedModel>();
}

}  // namespace

bool looks_like_text(std::string_view head) {
  return std::ranges::all_of(head, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\n' || byte == '\r' || byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

MessageKind kind_of_text(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, MessageKind>, 8> kFields = {{
      {"saved_model_schema_version", MessageKind::kSavedModel},
      {"meta_graphs", MessageKind::kSavedModel},
      {"meta_info_def", MessageKind::kMetaGraph},
      {"graph_def", MessageKind::kMetaGraph},
      {"saver_def", MessageKind::kMetaGraph},
      {"collection_def", MessageKind::kMetaGraph},
      {"signature_def", MessageKind::kMetaGraph},
      {"asset_file_def", MessageKind::kMetaGraph},
  }};
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (std::string_view(" \t\r\n").find(text[at]) != std::string_view::npos) {
      ++at;
    } else {
      break;
    }
  }
  for (const auto& [field, kind] : kFields) {
    if (text.substr(at).starts_with(field)) return kind;
  }
  return MessageKind::kGraphDef;
}

Result<Bytes> text_to_wire(std::string_view text, MessageKind kind, const std::string& name) {
  const google::protobuf::LogSilencer silence;
  if (text.size() > INT_MAX) return problem(Fault::kModel, "a text model cannot be larger than 2 GiB", name);
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.AllowUnknownField(true);
  parser.AllowUnknownExtension(true);
  parser.SetRecursionLimit(kMostNesting);
  parser.RecordErrorsTo(&error);
  const auto message = make_message(kind);
  google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  if (!parser.Parse(&input, message.get())) return error.problem_in(name);
  const std::size_t size = message->ByteSizeLong();
  std::vector<std::byte> wire(size);
  if (size > INT_MAX || !message->SerializeToArray(wire.data(), static_cast<int>(size))) {
    return problem(Fault::kModel, "the model is larger than 2 GiB", name, "save it in the binary format");
  }
  return Bytes(std::move(wire));
}

}  // namespace flowport::tf
