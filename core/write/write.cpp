#include "write/write.h"

#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/temporary_file.h"
#include "write/check.h"
#include "write/encode.h"
#include "write/initializers.h"
#include "write/names.h"
#include "write/outline.h"
#include "write/outputs.h"
#include "write/weights.h"
#include "write/wire.h"

namespace flowport::write {
namespace {

/// The data file of a model whose file will be at `model`, where every reader looks for it: beside it.
Result<TemporaryFile> create_data_file(const std::filesystem::path& model) {
  std::filesystem::path path = model;
  path += ".data";
  Result<TemporaryFile> file = TemporaryFile::create(path);
  if (file && file->target() != path) {
    return problem(Fault::kCheck, "the file for the weights is a symbolic link, which readers of ONNX files refuse",
                   path.string(), "remove the link");
  }
  return file;
}

Result<void> write_data(const std::vector<Initializer>& initializers, TemporaryFile& file, Progress* progress) {
  wire::FileSink out(file, progress);
  for (const Initializer& each : initializers) {
    if (!each.external) continue;
    out.pad_to(each.alignment);
    if (out.result() && file.offset() != each.offset) {
      return problem(Fault::kInternal, "a tensor has not the size that was measured", file.target().string());
    }
    out.put_tensor(*each.constant);
  }
  return out.result();
}

struct Plan {
  Encoder encoder;
  std::uint64_t external_bytes = 0;
};

/// Where weights go, by the size that the model would have in one file.
Result<Plan> plan(Contents& contents, const WriteOptions& options) {
  using ExternalData = WriteOptions::ExternalData;
  const auto too_large = [&](std::string_view what, std::uint64_t size, std::string next) {
    return problem(Fault::kCheck,
                   fmt::format("{} {} bytes, an ONNX file can have {}", what, size, options.one_file_limit), {},
                   std::move(next));
  };
  if (options.external_data != ExternalData::kAlways) {
    Encoder encoder(contents, Encoder::Detail::kWhole);
    if (encoder.size() <= options.one_file_limit) return Plan{std::move(encoder), 0};
    if (options.external_data == ExternalData::kNever) {
      return too_large("the model has", encoder.size(), "let weights go to a second file (--external-data auto)");
    }
  }
  const std::uint64_t external_bytes = place_externally(contents.initializers);
  Encoder encoder(contents, Encoder::Detail::kWhole);
  if (encoder.size() > options.one_file_limit) {
    return too_large("without its weights the model still has", encoder.size(), "take the model apart");
  }
  return Plan{std::move(encoder), external_bytes};
}

std::size_t count_nodes(const Outline& outline, std::map<std::string, std::size_t>& ops) {
  std::size_t count = 0;
  for (const ir::Graph* graph : outline.graphs) {
    count += graph->nodes.size();
    for (const ir::Node& node : graph->nodes) {
      const bool is_onnx = node.domain.empty() || node.domain == "ai.onnx";
      ++ops[is_onnx ? node.op : node.domain + "." + node.op];
    }
  }
  return count;
}

/// Data first: a model file that is there has its weights. When the model cannot take its place, nor may the data.
Result<void> commit(TemporaryFile& model, std::optional<TemporaryFile>& data) {
  if (!data) return model.commit();
  if (Result<void> closed = model.close(); !closed) return closed;
  if (Result<void> committed = data->commit(); !committed) return committed;
  Result<void> committed = model.commit();
  if (!committed) {
    std::error_code ignored;
    std::filesystem::remove(data->target(), ignored);
  }
  return committed;
}

}  // namespace

Result<WriteSummary> write_model(ir::Model& model, const std::filesystem::path& path, const WriteOptions& options) {
  Result<Outline> outlined = outline(model);
  if (!outlined) return tl::make_unexpected(outlined.error());
  if (Result<void> made = make_outputs_distinct(model, *outlined); !made) return tl::make_unexpected(made.error());
  Contents contents{model, *outlined, collect_initializers(model, *outlined), {}, options.provenance};
  if (Result<void> named = name_everything(model, *outlined); !named) return tl::make_unexpected(named.error());

  Result<TemporaryFile> model_file = TemporaryFile::create(path);
  if (!model_file) return tl::make_unexpected(model_file.error());
  contents.data_name = model_file->target().filename().string() + ".data";

  if (options.check) {
    if (Result<void> checked = check(contents); !checked) return tl::make_unexpected(checked.error());
  }
  const Result<Plan> planned = plan(contents, options);
  if (!planned) return tl::make_unexpected(planned.error());

  if (options.progress != nullptr) options.progress->total = planned->encoder.size() + planned->external_bytes;
  std::optional<TemporaryFile> data_file;
  if (planned->external_bytes > 0) {
    Result<TemporaryFile> created = create_data_file(model_file->target());
    if (!created) return tl::make_unexpected(created.error());
    data_file = *std::move(created);
    if (Result<void> written = write_data(contents.initializers, *data_file, options.progress); !written) {
      return tl::make_unexpected(written.error());
    }
  }
  if (Result<void> written = planned->encoder.write(*model_file, options.progress); !written)
    return tl::make_unexpected(written.error());
  if (Result<void> committed = commit(*model_file, data_file); !committed) {
    return tl::make_unexpected(committed.error());
  }

  WriteSummary summary;
  summary.bytes = planned->encoder.size();
  summary.external_bytes = planned->external_bytes;
  if (data_file) {
    std::error_code ignored;
    const bool is_link = std::filesystem::is_symlink(path, ignored);
    summary.data_path = is_link ? data_file->target() : std::filesystem::path(path) += ".data";
  }
  summary.nodes = count_nodes(*outlined, summary.ops);
  summary.initializers = contents.initializers.size();
  return summary;
}

}  // namespace flowport::write
