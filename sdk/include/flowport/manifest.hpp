// The manifest of a C++ plugin, written by the compiler from the tables themselves; its form is told in manifest.h.
#pragma once

#include <flowport/manifest.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace flowport {

/// Who the plugin is.
struct PluginInfo {
  const char* id = nullptr;
  const char* version = nullptr;
  const char* summary = nullptr;
  const char* license = nullptr;
  const char* url = "";  ///< may stay empty; the others may not
};

namespace manifest {

/// Counts what is written to it, and writes it where there is a place.
struct Sink {
  char* to = nullptr;
  std::size_t size = 0;

  constexpr void put(char c) {
    if (to != nullptr) to[size] = c;
    ++size;
  }
  constexpr void put(const char* text) {
    if (text == nullptr) return;
    for (; *text != '\0'; ++text) put(*text);
  }
  constexpr void put(std::uint64_t number) {
    if (number >= 10) put(number / 10);
    put(static_cast<char>('0' + number % 10));
  }
  constexpr void put(std::int16_t number) {
    if (number < 0) put('-');
    put(static_cast<std::uint64_t>(number < 0 ? -static_cast<int>(number) : number));
  }
  constexpr void put(std::uint16_t number) { put(std::uint64_t{number}); }
  constexpr void put(std::uint32_t number) { put(std::uint64_t{number}); }

  template <typename... Fields>
  constexpr void line(const char* kind, Fields... fields) {
    put(kind);
    ((put('\t'), put(fields)), ...);
    put('\n');
  }
};

constexpr void write(Sink& sink, const flowport_handler& row) {
  sink.line("handler", row.tf_op, row.id != nullptr ? row.id : row.tf_op, row.domain, row.opset_min, row.opset_max,
            row.priority, row.flags, row.const_inputs, row.source, row.doc);
}
constexpr void write(Sink& sink, const flowport_target& row) { sink.line("target", row.id); }
constexpr void write(Sink& sink, const flowport_schema& row) {
  sink.line("schema", row.domain, row.op, row.since_version);
}
constexpr void write(Sink& sink, const flowport_rewrite& row) { sink.line("rewrite", row.id, row.phase); }
constexpr void write(Sink& sink, const flowport_tf_op& row) {
  sink.line("tf_op", row.op, row.inputs, row.outputs, row.attrs);
}
/// The oldest host that takes what the tables say: one before 1.2 would take a target without its allowed ops and shapes. (To
/// pass over a rewrite loses nothing, and over a declaration of an op only names and types that a node may tell as well.)
constexpr std::uint16_t min_host_minor(std::span<const flowport_target> targets) {
  for (const flowport_target& target : targets) {
    if (target.allowed.count > 0 || target.max_rank > 0 || target.flags != 0) return 2;
  }
  return 0;
}

constexpr void write(Sink& sink, const PluginInfo& info, std::span<const flowport_target> targets) {
  sink.line("flowport", std::uint16_t{1}, std::uint16_t{FLOWPORT_ABI_MAJOR}, std::uint16_t{FLOWPORT_ABI_MINOR},
            min_host_minor(targets));
  sink.line("plugin", info.id, info.version, info.license, info.url, info.summary);
}
template <typename Row>
constexpr void write(Sink& sink, std::span<const Row> rows) {
  for (const Row& row : rows) write(sink, row);
}

template <std::size_t Size>
struct Text {
  char data[Size == 0 ? 1 : Size];
};

/// The size of the lines for rows of a table.
template <typename Row, std::size_t Count>
constexpr std::size_t size_of_rows(const Row (&rows)[Count]) {
  Sink sink;
  write(sink, std::span<const Row>(rows));
  return sink.size;
}
template <std::size_t Size, typename Row, std::size_t Count>
constexpr Text<Size> text_of_rows(const Row (&rows)[Count]) {
  Text<Size> text{};
  Sink sink{text.data};
  write(sink, std::span<const Row>(rows));
  return text;
}

constexpr void write_plugin(Sink& sink, const PluginInfo& info, std::span<const flowport_handler> handlers,
                            std::span<const flowport_target> targets, std::span<const flowport_schema> schemas,
                            std::span<const flowport_rewrite> rewrites, std::span<const flowport_tf_op> tf_ops) {
  write(sink, info, targets);
  write(sink, handlers);
  write(sink, targets);
  write(sink, schemas);
  write(sink, rewrites);
  write(sink, tf_ops);
}

/// Whether the texts are there that a plugin has to have. The arguments of this and of what follows are those of
/// flowport::describe.
constexpr bool says_who_it_is(PluginInfo info, std::span<const flowport_handler> = {},
                              std::span<const flowport_target> = {}, std::span<const flowport_schema> = {},
                              std::span<const flowport_rewrite> = {}, std::span<const flowport_tf_op> = {}) {
  for (const char* text : {info.id, info.version, info.summary, info.license}) {
    if (text == nullptr || *text == '\0') return false;
  }
  return true;
}
constexpr std::size_t size_of(PluginInfo info, std::span<const flowport_handler> handlers = {},
                              std::span<const flowport_target> targets = {},
                              std::span<const flowport_schema> schemas = {},
                              std::span<const flowport_rewrite> rewrites = {},
                              std::span<const flowport_tf_op> tf_ops = {}) {
  Sink sink;
  write_plugin(sink, info, handlers, targets, schemas, rewrites, tf_ops);
  return sink.size;
}
template <std::size_t Size>
constexpr Text<Size> text_of(PluginInfo info, std::span<const flowport_handler> handlers = {},
                             std::span<const flowport_target> targets = {},
                             std::span<const flowport_schema> schemas = {},
                             std::span<const flowport_rewrite> rewrites = {},
                             std::span<const flowport_tf_op> tf_ops = {}) {
  Text<Size> text{};
  Sink sink{text.data};
  write_plugin(sink, info, handlers, targets, schemas, rewrites, tf_ops);
  return text;
}

}  // namespace manifest
}  // namespace flowport

/// Puts the manifest of a plugin into the file. The arguments are those of flowport::describe, all of them constant expressions.
#define FLOWPORT_MANIFEST_OF(...)                                            \
  static_assert(::flowport::manifest::says_who_it_is(__VA_ARGS__),           \
                "a plugin needs an id, a version, a summary and a license"); \
  FLOWPORT_MANIFEST_ATTRIBUTE static constexpr auto kFlowportManifest =      \
      ::flowport::manifest::text_of<::flowport::manifest::size_of(__VA_ARGS__)>(__VA_ARGS__);

/// Puts the lines for one table, an array of rows, into the file.
#define FLOWPORT_MANIFEST_OF_ROWS(NAME, ROWS)                        \
  FLOWPORT_MANIFEST_ATTRIBUTE static constexpr auto NAME##Manifest = \
      ::flowport::manifest::text_of_rows<::flowport::manifest::size_of_rows(ROWS)>(ROWS);
