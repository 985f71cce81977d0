// A plugin's tables and its one entry, from C++.
//
//   constexpr flowport::Handler kHandlers[] = {flowport::handler<rsqrt>("Rsqrt"), ...};
//   FLOWPORT_PLUGIN({.id = "com.example.ops", .version = "1.0.0", .summary = "...", .license = "Apache-2.0"}, kHandlers)
#pragma once

#include <flowport/manifest.hpp>
#include <flowport/node.hpp>

#include <exception>
#include <new>
#include <type_traits>

namespace flowport {

using Handler = flowport_handler;
using Rewrite = flowport_rewrite;
/// {.op = "Cube", .inputs = "x: T", .outputs = "y: T", .attrs = "T: {float, double}"}, in the words of REGISTER_OP.
using TfOp = flowport_tf_op;

/// Whether a row is for nodes with complex tensors (FLOWPORT_HANDLER_*).
enum class Complex : std::uint16_t {
  kNone = 0,
  kPairs = FLOWPORT_HANDLER_COMPLEX,  ///< for them only: a complex tensor is a real one with a last dim of 2
  kParts = FLOWPORT_HANDLER_PARTS,    ///< for them too: called for the real and for the imaginary parts
};

/// What a row may say beside its op and its function.
struct HandlerOptions {
  std::uint16_t opset_min = 13;
  std::uint16_t opset_max = 0;     ///< 0: no upper limit
  std::uint64_t const_inputs = 0;  ///< bit i: flat input i must be known when converting
  std::int16_t priority = 0;
  Complex complex = Complex::kNone;
  const char* id = nullptr;
  const char* doc = nullptr;
};

/// Bits for HandlerOptions::const_inputs.
template <typename... I>
constexpr std::uint64_t inputs_known(I... i) {
  return ((std::uint64_t{1} << i) | ... | 0);
}

namespace detail {

template <auto Convert>
inline constexpr bool is_handler = false;
template <auto Convert>
requires std::is_invocable_v<decltype(Convert), const Node&>
inline constexpr bool is_handler<Convert> = std::is_void_v<std::invoke_result_t<decltype(Convert), const Node&>>;

template <auto Convert>
flowport_status convert_guarded(const flowport_host* host, flowport_node* raw, void*) noexcept {
  const auto bug = [&](std::string_view text) {
    return host->fail(raw, FLOWPORT_PLUGIN_BUG, to_str(text),
                      to_str("the handler let this exception out; report it to the plugin's author"));
  };
  try {
    const Node node(host, raw);
    Convert(node);
    return FLOWPORT_OK;
  } catch (const Stop& stop) {
    return stop.status;
  } catch (const std::bad_alloc&) {
    return host->fail(raw, FLOWPORT_NO_MEMORY, to_str("out of memory"), to_str("free memory and try again"));
  } catch (const std::exception& e) {
    return bug(e.what());
  } catch (...) {
    return bug("threw something that is not std::exception");
  }
}

inline std::vector<Handler> gather(std::initializer_list<std::span<const Handler>> files) {
  std::vector<Handler> rows;
  for (const auto& file : files) rows.insert(rows.end(), file.begin(), file.end());
  return rows;
}

}  // namespace detail

/// A row of the handler table: `Convert` is `void(const Node&)`. The row names its source file for `explain`.
template <auto Convert>
constexpr Handler handler(const char* tf_op, HandlerOptions options = {}, const char* source = __builtin_FILE()) {
  static_assert(detail::is_handler<Convert>, "a handler is a function `void convert(const flowport::Node&)`");
  return {tf_op,
          options.id,
          "",
          options.opset_min,
          options.opset_max,
          options.priority,
          static_cast<std::uint16_t>(options.complex),
          options.const_inputs,
          &detail::convert_guarded<Convert>,
          options.doc,
          source};
}

/// A row of the table of rewrites: `Apply` is `void(const Node&)` and sees a match of `pattern`, whose language is that of
/// FLOWPORT_PHASE_SCAN in abi.h. Several patterns may share one function.
template <auto Apply>
constexpr Rewrite scan_rewrite(const char* id, const char* pattern) {
  static_assert(detail::is_handler<Apply>, "a rewrite's function is `void apply(const flowport::Node&)`");
  return {id, FLOWPORT_PHASE_SCAN, pattern, &detail::convert_guarded<Apply>};
}

/// The rows of one source file, for FLOWPORT_PLUGIN_OF.
using HandlerRows = std::span<const Handler>;
using RewriteRows = std::span<const Rewrite>;

template <typename T>
constexpr flowport_table table_of(std::span<const T> rows) {
  return {rows.data(), static_cast<std::uint32_t>(rows.size()), sizeof(T)};
}

/// The rows of a constant array: of a target's domains, or a schema's attributes.
template <typename T, std::size_t N>
constexpr flowport_table table_of(const T (&rows)[N]) {
  return {rows, static_cast<std::uint32_t>(N), sizeof(T)};
}

constexpr flowport_plugin describe(PluginInfo info, std::span<const Handler> handlers,
                                   std::span<const flowport_target> targets = {},
                                   std::span<const flowport_schema> schemas = {},
                                   std::span<const Rewrite> rewrites = {}, std::span<const TfOp> tf_ops = {}) {
  flowport_plugin p{};
  p.struct_size = sizeof(p);
  p.abi_major = FLOWPORT_ABI_MAJOR;
  p.abi_minor = FLOWPORT_ABI_MINOR;
  p.min_host_minor = manifest::min_host_minor(targets);
  p.id = info.id;
  p.version = info.version;
  p.summary = info.summary;
  p.license = info.license;
  p.url = info.url;
  p.handlers = table_of(handlers);
  p.targets = table_of(targets);
  p.schemas = table_of(schemas);
  p.rewrites = table_of(rewrites);
  p.tf_ops = table_of(tf_ops);
  return p;
}

}  // namespace flowport

#ifndef FLOWPORT_ENTRY
#define FLOWPORT_ENTRY flowport_plugin_query_v1
#endif

/// Defines the plugin's entry. The arguments are those of flowport::describe, all of them constant expressions.
#define FLOWPORT_PLUGIN(...)                                                                              \
  FLOWPORT_MANIFEST_OF(__VA_ARGS__)                                                                       \
  extern "C" __attribute__((visibility("default"))) const flowport_plugin* FLOWPORT_ENTRY(std::uint16_t); \
  extern "C" const flowport_plugin* FLOWPORT_ENTRY(std::uint16_t) {                                       \
    static constexpr flowport_plugin kFlowportPlugin = ::flowport::describe(__VA_ARGS__);                 \
    return &kFlowportPlugin;                                                                              \
  }

/// Names the rows of a source file for FLOWPORT_PLUGIN_OF. A header declares `extern const flowport::HandlerRows NAME;`
#define FLOWPORT_ROWS(NAME, ROWS)       \
  FLOWPORT_MANIFEST_OF_ROWS(NAME, ROWS) \
  const ::flowport::HandlerRows NAME = ROWS

/// The same for rewrites: `extern const flowport::RewriteRows NAME;`
#define FLOWPORT_REWRITES(NAME, ROWS)   \
  FLOWPORT_MANIFEST_OF_ROWS(NAME, ROWS) \
  const ::flowport::RewriteRows NAME = ROWS

/// Defines the entry of a plugin whose rows stand in several source files, each of which names its own:
///   FLOWPORT_PLUGIN_OF((flowport::PluginInfo{.id = "com.example.ops", ...}), kTrigonometry, kRounding)
#define FLOWPORT_PLUGIN_OF(INFO, ...) FLOWPORT_PLUGIN_WITH_REWRITES(INFO, {}, __VA_ARGS__)

/// FLOWPORT_PLUGIN_OF for a plugin that has rewrites as well.
#define FLOWPORT_PLUGIN_WITH_REWRITES(INFO, REWRITES, ...) FLOWPORT_PLUGIN_WITH(INFO, {}, {}, REWRITES, {}, __VA_ARGS__)

/// FLOWPORT_PLUGIN_OF for a plugin that has other tables as well: targets, schemas and TF ops as for FLOWPORT_PLUGIN, rewrites
/// that a source file named by FLOWPORT_REWRITES. {} for a table that it does not have.
#define FLOWPORT_PLUGIN_WITH(INFO, TARGETS, SCHEMAS, REWRITES, TF_OPS, ...)                                  \
  FLOWPORT_MANIFEST_OF(INFO, {}, TARGETS, SCHEMAS, {}, TF_OPS)                                               \
  extern "C" __attribute__((visibility("default"))) const flowport_plugin* FLOWPORT_ENTRY(std::uint16_t);    \
  extern "C" const flowport_plugin* FLOWPORT_ENTRY(std::uint16_t) {                                          \
    static const std::vector<::flowport::Handler> kFlowportRows = ::flowport::detail::gather({__VA_ARGS__}); \
    static const flowport_plugin kFlowportPlugin =                                                           \
        ::flowport::describe(INFO, kFlowportRows, TARGETS, SCHEMAS, REWRITES, TF_OPS);                       \
    return &kFlowportPlugin;                                                                                 \
  }
