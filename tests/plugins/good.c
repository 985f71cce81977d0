/* No fault: every table that a plugin can have. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

static const flowport_handler kHandlers[] = {
    {.tf_op = "FixtureOp", .id = "old", .opset_min = 13, .opset_max = 17, .convert = decline, .source = "good.c:9"},
    {.tf_op = "FixtureOp",
     .id = "new",
     .domain = "ai.onnx",
     .opset_min = 18,
     .priority = 3,
     .flags = FLOWPORT_HANDLER_PARTS,
     .const_inputs = 5,
     .convert = decline,
     .doc = "Declines."},
    HANDLER("OtherFixtureOp", 1, 0),
};
static const flowport_domain_version kDomains[] = {{"", 19, 0}, {"com.example", 2, 0}};
static const flowport_denial kDenials[] = {
    {.domain = "", .op = "Max", .dtypes = 1u << FLOWPORT_INT8, .reason = "no kernel"}};
static const flowport_allowance kAllowed[] = {{.op = "Relu", .dtypes = 1u << FLOWPORT_FLOAT},
                                             {.op = "Split", .opset_max = 12}};
static const flowport_target kTargets[] = {
    {.id = "fixture-19", .ir_version = 9, .domains = TABLE(kDomains), .denials = TABLE(kDenials), .doc = "A target."},
    {.id = "fixture-listed",
     .parent = "fixture-19",
     .allowed = TABLE(kAllowed),
     .max_rank = 6,
     .flags = FLOWPORT_TARGET_STATIC_SHAPES}};
static const flowport_schema_attr kAttrs[] = {{"sigma", FLOWPORT_ATTR_FLOAT, 1}};
static const flowport_schema kSchemas[] = {{.domain = "com.example",
                                            .op = "Blur",
                                            .since_version = 2,
                                            .min_inputs = 1,
                                            .max_inputs = 2,
                                            .min_outputs = 1,
                                            .max_outputs = 1,
                                            .attrs = TABLE(kAttrs),
                                            .library = "libblur.so"}};

/* The state is the `log` option: the file that shutdown writes the plugin's id to. */
static flowport_status init(const flowport_host* host, void** state, const char** reason) {
  static char path[4096];
  flowport_str log;
  flowport_status status = host->option(NULL, (flowport_str){"log", 3}, &log);
  if (status == FLOWPORT_DECLINED) return FLOWPORT_OK;
  if (status != FLOWPORT_OK || log.size >= sizeof(path)) {
    *reason = "the option `log` cannot be read";
    return FLOWPORT_PLUGIN_BUG;
  }
  memcpy(path, log.data, log.size);
  *state = path;
  return FLOWPORT_OK;
}

static void shut_down(void* state) {
  if (state == NULL) return;
  FILE* log = fopen(state, "a");
  if (log == NULL) return;
  fputs(FIXTURE_ID "\n", log);
  fclose(log);
}

static const flowport_plugin kPlugin = {ABI,
                                        TEXTS,
                                        .id = FIXTURE_ID,
                                        .handlers = TABLE(kHandlers),
                                        .targets = TABLE(kTargets),
                                        .schemas = TABLE(kSchemas),
                                        .init = init,
                                        .shutdown = shut_down};
EXPORT(&kPlugin)
