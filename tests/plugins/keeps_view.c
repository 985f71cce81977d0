/* No fault: keeps what abi.h says is valid for the session, the view of an option and the table of bodies, and uses both in later
 * calls. KeepsView counts as converted only where they are still what they were. */
#include "fixture.h"

#include <string.h>

#define TEXT(literal) ((flowport_str){(literal), sizeof(literal) - 1})

static flowport_str style;
static const flowport_body_api* bodies;

static flowport_status keeps(const flowport_host* host, flowport_node* node, void* state) {
  (void)state;
  flowport_value x = 0;
  flowport_status status = host->node_input(node, 0, &x);
  if (status != FLOWPORT_OK) return status;
  if (style.data == NULL) {
    status = host->option(node, TEXT("style"), &style);
    if (status != FLOWPORT_OK) return host->fail(node, FLOWPORT_UNSUPPORTED, TEXT("no style"), TEXT("set the option `style`"));
    bodies = host->interface_of(TEXT(FLOWPORT_BODY_API));
  }
  flowport_body body = 0;
  if (style.size != 4 || memcmp(style.data, "bold", 4) != 0 || bodies->begin(node, &body) != FLOWPORT_OK ||
      bodies->end(node, body, &x, 1) != FLOWPORT_OK) {
    return host->fail(node, FLOWPORT_PLUGIN_BUG, TEXT("what was kept is gone"), TEXT(""));
  }
  return host->bind_output(node, 0, x);
}

static const flowport_handler kHandlers[] = {{.tf_op = "KeepsView", .opset_min = 13, .convert = keeps}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.keeps_view", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
