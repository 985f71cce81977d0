/* Needs a function that nobody has. */
#include "fixture.h"

int flowport_fixture_nobody_has_this(void);

static flowport_status convert(const flowport_host* host, flowport_node* node, void* state) {
  (void)host;
  (void)node;
  (void)state;
  return flowport_fixture_nobody_has_this();
}

static const flowport_handler kHandlers[] = {{.tf_op = "Op", .opset_min = 13, .convert = convert}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.undefined_symbol", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
