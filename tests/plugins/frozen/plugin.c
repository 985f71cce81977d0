/* A plugin in C as one wrote it for ABI 1.0: it uses every function of the host and every table of that minor. Frozen: this file
 * is never changed, and must build with every later header and work in every later host. */
#include FIXTURE_ABI

#define TEXT(literal) ((flowport_str){(literal), sizeof(literal) - 1})
#define TABLE(rows) \
  { (rows), sizeof(rows) / sizeof((rows)[0]), sizeof((rows)[0]) }
#define TRY(call)                                    \
  do {                                               \
    const flowport_status status_ = (call);          \
    if (status_ != FLOWPORT_OK) return status_;      \
  } while (0)

static flowport_status emit(const flowport_host* host, flowport_node* node, flowport_str type, const flowport_value* inputs,
                            uint32_t num_inputs, const flowport_attr* attrs, uint32_t num_attrs, flowport_value* out) {
  const flowport_op op = {.struct_size = sizeof(op),
                          .num_outputs = 1,
                          .type = type,
                          .inputs = inputs,
                          .attrs = attrs,
                          .num_inputs = num_inputs,
                          .num_attrs = num_attrs};
  return host->emit(node, &op, out);
}

/* FrozenScale(x: float; scale: float) -> y: x * scale, or FrozenScale(FrozenScale(x)) with both numbers in one. */
static flowport_status scale(const flowport_host* host, flowport_node* node, void* state) {
  if (*(const int*)state != 10) return host->fail(node, FLOWPORT_PLUGIN_BUG, TEXT("the state is lost"), TEXT(""));
  flowport_node_info info = {.struct_size = sizeof(info)};
  TRY(host->node_info(node, &info));
  if (info.num_inputs != 1) return host->fail(node, FLOWPORT_BAD_MODEL, TEXT("it has not one input"), TEXT("give it one"));
  flowport_value x = 0;
  TRY(host->node_input(node, 0, &x));
  flowport_type type = {.struct_size = sizeof(type)};
  TRY(host->value_type(node, x, &type));
  if (type.dtype != FLOWPORT_FLOAT) return host->fail(node, FLOWPORT_DECLINED, TEXT("it is not float"), TEXT(""));
  flowport_attr attr = {.kind = FLOWPORT_ATTR_NONE};
  TRY(host->node_attr(node, TEXT("scale"), &attr));
  if (attr.kind != FLOWPORT_ATTR_FLOAT) return host->fail(node, FLOWPORT_BAD_MODEL, TEXT("it has no scale"), TEXT(""));
  float number = *(const float*)attr.data;

  const flowport_producer_api* producers = host->interface_of(TEXT(FLOWPORT_PRODUCER_API));
  flowport_node* maker = NULL;
  if (producers != NULL && producers->producer_of(node, x, &maker) == FLOWPORT_OK) {
    TRY(host->node_info(maker, &info));
    if (info.op.size == 11 && info.op.data[0] == 'F') {
      TRY(host->node_attr(maker, TEXT("scale"), &attr));
      number *= *(const float*)attr.data;
      TRY(host->node_input(maker, 0, &x));
    }
  }
  const flowport_tensor tensor = {.type = {.struct_size = sizeof(flowport_type), .dtype = FLOWPORT_FLOAT},
                                  .data = &number,
                                  .bytes = sizeof(number)};
  flowport_value inputs[2] = {x, 0};
  TRY(host->constant(node, &tensor, &inputs[1]));
  flowport_value y = 0;
  TRY(emit(host, node, TEXT("Mul"), inputs, 2, NULL, 0, &y));
  TRY(host->node_output_type(node, 0, &type));
  if (type.dtype == FLOWPORT_FLOAT) TRY(host->set_type(node, y, &type));
  return host->bind_output(node, 0, y);
}

/* TensorFlow's own AddN(inputs: N * T) -> sum: T, in the place of the built-in handler. */
static flowport_status add_n(const flowport_host* host, flowport_node* node, void* state) {
  (void)state;
  uint32_t first = 0;
  uint32_t count = 0;
  TRY(host->node_arity(node, TEXT("inputs"), &first, &count));
  flowport_value values[8];
  if (count > 8) return host->fail(node, FLOWPORT_DECLINED, TEXT("more than 8 inputs"), TEXT(""));
  for (uint32_t i = 0; i < count; ++i) TRY(host->node_input(node, first + i, &values[i]));
  flowport_value y = 0;
  TRY(emit(host, node, TEXT("Sum"), values, count, NULL, 0, &y));
  return host->bind_output(node, 0, y);
}

/* FrozenSum(inputs: N * float, then a shape that is known) -> y: their sum in that shape, negated where its maximum is more than
 * 0. */
static flowport_status sum(const flowport_host* host, flowport_node* node, void* state) {
  (void)state;
  if (host->opset(node, TEXT("")) < 13) return host->fail(node, FLOWPORT_UNSUPPORTED, TEXT("an old opset"), TEXT("take 13"));
  flowport_node_info info = {.struct_size = sizeof(info)};
  TRY(host->node_info(node, &info));
  const uint32_t count = info.num_inputs;
  flowport_value values[8];
  if (count < 2 || count > 8) return host->fail(node, FLOWPORT_BAD_MODEL, TEXT("2 to 8 inputs"), TEXT(""));
  for (uint32_t i = 0; i < count; ++i) TRY(host->node_input(node, i, &values[i]));

  /* The last input is the shape, known. */
  const flowport_value shape = values[count - 1];
  flowport_tensor known = {.type = {.struct_size = sizeof(flowport_type)}};
  TRY(host->value_const(node, shape, &known));
  const flowport_item* items = NULL;
  uint32_t num_items = 0;
  TRY(host->value_items(node, shape, &items, &num_items));
  if (known.data == NULL || num_items == 0 || items[0].known != 1) {
    return host->fail(node, FLOWPORT_UNSUPPORTED, TEXT("a shape that is not known"), TEXT("make it a constant"));
  }
  flowport_str word = {NULL, 0};
  if (host->option(node, TEXT("word"), &word) == FLOWPORT_OK) host->note(node, word);

  flowport_value total = 0;
  TRY(emit(host, node, TEXT("Sum"), values, count - 1, NULL, 0, &total));
  flowport_value arguments[2] = {total, shape};
  flowport_value reshaped = 0;
  TRY(emit(host, node, TEXT("Reshape"), arguments, 2, NULL, 0, &reshaped));

  const flowport_body_api* bodies = host->interface_of(TEXT(FLOWPORT_BODY_API));
  if (bodies == NULL) return host->bind_output(node, 0, reshaped);
  const float zero = 0;
  const flowport_tensor tensor = {.type = {.struct_size = sizeof(flowport_type), .dtype = FLOWPORT_FLOAT},
                                  .data = &zero,
                                  .bytes = sizeof(zero)};
  flowport_value compared[2] = {0, 0};
  const int64_t keep = 0;
  const flowport_attr keepdims = {.name = TEXT("keepdims"), .kind = FLOWPORT_ATTR_INT, .count = 1, .data = &keep};
  TRY(emit(host, node, TEXT("ReduceMax"), &reshaped, 1, &keepdims, 1, &compared[0]));
  TRY(host->constant(node, &tensor, &compared[1]));
  flowport_value is_more = 0;
  TRY(emit(host, node, TEXT("Greater"), compared, 2, NULL, 0, &is_more));
  flowport_body branches[2];
  for (int i = 0; i < 2; ++i) {
    flowport_value out = 0;
    TRY(bodies->begin(node, &branches[i]));
    TRY(emit(host, node, i == 0 ? TEXT("Neg") : TEXT("Identity"), &reshaped, 1, NULL, 0, &out));
    TRY(bodies->end(node, branches[i], &out, 1));
  }
  const flowport_attr attrs[2] = {
      {.name = TEXT("then_branch"), .kind = FLOWPORT_ATTR_BODY, .count = 1, .data = &branches[0]},
      {.name = TEXT("else_branch"), .kind = FLOWPORT_ATTR_BODY, .count = 1, .data = &branches[1]}};
  flowport_value y = 0;
  TRY(emit(host, node, TEXT("If"), &is_more, 1, attrs, 2, &y));
  return host->bind_output(node, 0, y);
}

static const flowport_handler kHandlers[] = {
    {.tf_op = "AddN", .opset_min = 13, .convert = add_n},
    {.tf_op = "FrozenScale", .opset_min = 13, .convert = scale, .doc = "Times a number.", .source = "plugin.c:30"},
    {.tf_op = "FrozenSum", .id = "sum", .domain = "ai.onnx", .opset_min = 13, .opset_max = 99, .priority = 1, .convert = sum}};
static const flowport_domain_version kDomains[] = {{"", 19, 0}, {"com.frozen", 2, 0}};
static const flowport_denial kDenials[] = {{.domain = "",
                                            .op = "Max",
                                            .dtypes = 1u << FLOWPORT_INT8,
                                            .reason = "no kernel",
                                            .type_var = "T",
                                            .opset_min = 13,
                                            .opset_max = 20}};
static const flowport_target kTargets[] = {{.id = FIXTURE_ID "-19",
                                            .ir_version = 9,
                                            .domains = TABLE(kDomains),
                                            .denials = TABLE(kDenials),
                                            .doc = "A target."}};
static const flowport_schema_attr kAttrs[] = {{"sigma", FLOWPORT_ATTR_FLOAT, 1}};
static const flowport_schema kSchemas[] = {{.domain = FIXTURE_ID,
                                            .op = "Blur",
                                            .since_version = 2,
                                            .min_inputs = 1,
                                            .max_inputs = 2,
                                            .min_outputs = 1,
                                            .max_outputs = 1,
                                            .attrs = TABLE(kAttrs),
                                            .library = "libblur.so",
                                            .registration = "load it"}};

static int kept;

static flowport_status init(const flowport_host* host, void** state, const char** reason) {
  if (host->struct_size < sizeof(*host) || host->abi_major != FLOWPORT_ABI_MAJOR) {
    *reason = "the host is not one of ABI 1";
    return FLOWPORT_UNSUPPORTED;
  }
  kept = 10;
  *state = &kept;
  return FLOWPORT_OK;
}

static void shut_down(void* state) { *(int*)state = 0; }

static const flowport_plugin kPlugin = {.struct_size = sizeof(flowport_plugin),
                                        .abi_major = FLOWPORT_ABI_MAJOR,
                                        .abi_minor = FLOWPORT_ABI_MINOR,
                                        .id = FIXTURE_ID,
                                        .version = "1.0.0",
                                        .summary = "Frozen",
                                        .license = "Apache-2.0",
                                        .url = "",
                                        .handlers = TABLE(kHandlers),
                                        .targets = TABLE(kTargets),
                                        .schemas = TABLE(kSchemas),
                                        .init = init,
                                        .shutdown = shut_down};

__attribute__((visibility("default"))) const flowport_plugin* flowport_plugin_query_v1(uint16_t host_minor);
const flowport_plugin* flowport_plugin_query_v1(uint16_t host_minor) {
  (void)host_minor;
  return &kPlugin;
}
