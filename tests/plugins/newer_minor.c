/* No fault: built with the header of a later minor, whose descriptor and rows of every table have grown and whose rewrites have a
 * phase of their own, and content with an old host. */
#include "fixture.h"

#define GROWN(type)  \
  typedef struct {   \
    type old;        \
    uint64_t added;  \
  } newer_##type
GROWN(flowport_handler);
GROWN(flowport_target);
GROWN(flowport_domain_version);
GROWN(flowport_denial);
GROWN(flowport_schema);
GROWN(flowport_schema_attr);
GROWN(flowport_rewrite);
typedef struct {
  flowport_plugin old;
  flowport_table added;
} newer_plugin;

static const newer_flowport_handler kHandlers[] = {{HANDLER("NewerOp", 13, 0), ~0ull}, {HANDLER("NewestOp", 21, 0), ~0ull}};
static const newer_flowport_domain_version kDomains[] = {{{"", 19, 0}, ~0ull}, {{"com.newer", 2, 0}, ~0ull}};
static const newer_flowport_denial kDenials[] = {{{.op = "Min", .reason = "no kernel"}, ~0ull},
                                                 {{.op = "Max", .reason = "no kernel"}, ~0ull}};
static const newer_flowport_target kTargets[] = {
    {{.id = "newer-a", .ir_version = 9, .domains = TABLE(kDomains), .denials = TABLE(kDenials)}, ~0ull},
    {{.id = "newer-b", .parent = "newer-a"}, ~0ull}};
static const newer_flowport_schema_attr kAttrs[] = {{{"a", FLOWPORT_ATTR_INT, 1}, ~0ull}, {{"b", FLOWPORT_ATTR_FLOAT, 0}, ~0ull}};
#define SCHEMA(name) \
  { .domain = "com.newer", .op = (name), .since_version = 1, .max_inputs = 1, .max_outputs = 1, .attrs = TABLE(kAttrs) }
static const newer_flowport_schema kSchemas[] = {{SCHEMA("A"), ~0ull}, {SCHEMA("B"), ~0ull}};
static const newer_flowport_rewrite kRewrites[] = {
    {{.id = "r", .phase = "later", .pattern = "what a later minor says", .apply = decline}, ~0ull}};

static const newer_plugin kPlugin = {{.struct_size = sizeof(newer_plugin),
                                      .abi_major = FLOWPORT_ABI_MAJOR,
                                      .abi_minor = FLOWPORT_ABI_MINOR + 7,
                                      TEXTS,
                                      .id = "fixture.newer_minor",
                                      .handlers = TABLE(kHandlers),
                                      .targets = TABLE(kTargets),
                                      .schemas = TABLE(kSchemas),
                                      .rewrites = TABLE(kRewrites)},
                                     {NULL, ~0u, ~0u}};
EXPORT(&kPlugin.old)
