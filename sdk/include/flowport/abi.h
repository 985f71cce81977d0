/* The boundary between Flowport and its plugins: a stable, append-only C ABI. C11, C17 and C++20.
 *
 * This header is the specification. Each member carries: who may call it or implement it, how long what it returns stays
 * valid, and whether it may fail.
 *   lifetime [call]     valid until the handler's convert() returns
 *   lifetime [session]  valid until the process ends (plugins are never unloaded)
 *   thread              a handler runs on one thread at a time per session; host functions are called only from that thread
 *   ownership           nothing is handed over: each side frees its own; pointers given to the host are read before it returns
 *
 *   misuse              a pointer that is NULL where it may not be, or that leads nowhere, and a flowport_node* after its call
 *                       are undefined; all else that a plugin does wrong is answered with a status and a sentence
 *
 * Growth: members are only ever appended. Every struct starts with its size, which is set by whoever provides its memory, or lies
 * in a table with a stride, and each side reads min(theirs, own) bytes into a zeroed struct of its own. flowport_str, _table,
 * _type, _tensor, _attr and _item lie in arrays and in each other, and do not grow. Numbers below are fixed forever.
 */
#ifndef FLOWPORT_ABI_H
#define FLOWPORT_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLOWPORT_ABI_MAJOR 1
#define FLOWPORT_ABI_MINOR 3

/* ---- status ------------------------------------------------------------------------------------------------------- */

typedef int32_t flowport_status;
enum {
  FLOWPORT_OK = 0,
  FLOWPORT_DECLINED = 1,    /* not for me: the host tries the next candidate and keeps the reason */
  FLOWPORT_UNSUPPORTED = 2, /* mine, but ONNX at this opset cannot say it exactly */
  FLOWPORT_BAD_MODEL = 3,   /* the TensorFlow graph contradicts itself */
  FLOWPORT_BAD_CALL = 4,    /* the plugin misused the host (unknown value, unknown op, wrong attribute, ...) */
  FLOWPORT_NO_MEMORY = 5,
  FLOWPORT_PLUGIN_BUG = 6 /* an exception or a broken promise inside the plugin */
};

/* ---- plain data --------------------------------------------------------------------------------------------------- */

/* UTF-8, or raw bytes where TensorFlow has bytes; not NUL-terminated. data may be NULL where size is 0. */
typedef struct flowport_str {
  const char* data;
  size_t size;
} flowport_str;

/* An array of `count` rows which lie `stride` bytes apart; stride is the row size of the side that wrote the table. data may be
 * NULL where count is 0. */
typedef struct flowport_table {
  const void* data;
  uint32_t count;
  uint32_t stride;
} flowport_table;

/* A tensor value of the node being converted. 0 is "absent optional input". A value is good only within the convert()
 * call that got it; the host checks every use and answers FLOWPORT_BAD_CALL. */
typedef uint32_t flowport_value;

/* A graph built with flowport_body_api, for attributes of kind FLOWPORT_ATTR_BODY. */
typedef uint32_t flowport_body;

/* The TensorFlow node being converted; valid during convert() only. */
typedef struct flowport_node flowport_node;

/* Element types: the numbers of onnx.TensorProto.DataType. */
enum {
  FLOWPORT_UNDEFINED = 0,
  FLOWPORT_FLOAT = 1,
  FLOWPORT_UINT8 = 2,
  FLOWPORT_INT8 = 3,
  FLOWPORT_UINT16 = 4,
  FLOWPORT_INT16 = 5,
  FLOWPORT_INT32 = 6,
  FLOWPORT_INT64 = 7,
  FLOWPORT_STRING = 8,
  FLOWPORT_BOOL = 9,
  FLOWPORT_FLOAT16 = 10,
  FLOWPORT_DOUBLE = 11,
  FLOWPORT_UINT32 = 12,
  FLOWPORT_UINT64 = 13,
  FLOWPORT_COMPLEX64 = 14,
  FLOWPORT_COMPLEX128 = 15,
  FLOWPORT_BFLOAT16 = 16,
  FLOWPORT_FLOAT8E4M3FN = 17,
  FLOWPORT_FLOAT8E4M3FNUZ = 18,
  FLOWPORT_FLOAT8E5M2 = 19,
  FLOWPORT_FLOAT8E5M2FNUZ = 20,
  FLOWPORT_UINT4 = 21,
  FLOWPORT_INT4 = 22,
  FLOWPORT_FLOAT4E2M1 = 23
};

/* Element type and shape. rank -1: unknown. A dim of -1: unknown. dims has max(rank, 0) items, and may be NULL where that is 0. */
typedef struct flowport_type {
  uint32_t struct_size;
  int32_t dtype;
  int32_t rank;
  int32_t reserved; /* 0 */
  const int64_t* dims;
} flowport_type;

/* Known content. data: little-endian, row-major, one element after the other (4-bit types: one byte an element), at any
 * alignment; for FLOWPORT_STRING an array of flowport_str. bytes: size of data. data is NULL where the content is unknown. */
typedef struct flowport_tensor {
  flowport_type type;
  const void* data;
  size_t bytes;
} flowport_tensor;

/* One item of a partly known integer tensor of rank 0 or 1, such as a shape. */
typedef struct flowport_item {
  int64_t value;   /* the number, where known */
  uint32_t known;  /* 1: value holds. 0: only the run time knows */
  uint32_t symbol; /* not 0: equal items of equal symbol are equal at run time (a named dim); 0: nothing is known */
} flowport_item;

/* Attribute kinds, of TensorFlow nodes (read) and of ONNX nodes (emit). count is the number of items in data. An empty list of a
 * TensorFlow node does not say of what: it is FLOWPORT_ATTR_INTS with count 0, as are lists of functions and of tensors. */
enum {
  FLOWPORT_ATTR_NONE = 0,    /* absent */
  FLOWPORT_ATTR_INT = 1,     /* const int64_t*, count 1; TF int and bool */
  FLOWPORT_ATTR_FLOAT = 2,   /* const float*, count 1 */
  FLOWPORT_ATTR_STRING = 3,  /* const flowport_str*, count 1; a TF func attribute gives its function's name */
  FLOWPORT_ATTR_INTS = 4,    /* const int64_t* */
  FLOWPORT_ATTR_FLOATS = 5,  /* const float* */
  FLOWPORT_ATTR_STRINGS = 6, /* const flowport_str* */
  FLOWPORT_ATTR_TENSOR = 7,  /* const flowport_tensor*, count 1 */
  FLOWPORT_ATTR_TYPE = 8,    /* const int32_t*: element types; TF type and list(type). Read only */
  FLOWPORT_ATTR_SHAPE = 9, /* const flowport_type*: dtype is FLOWPORT_UNDEFINED; TF shape and list(shape). Read only */
  FLOWPORT_ATTR_BODY = 10  /* const flowport_body*, count 1. Emit only */
};

typedef struct flowport_attr {
  flowport_str name;
  uint32_t kind;
  uint32_t count;
  const void* data;
} flowport_attr;

typedef struct flowport_node_info {
  uint32_t struct_size;
  uint32_t num_inputs;  /* data inputs, flat */
  uint32_t num_outputs; /* flat */
  uint32_t reserved;    /* 0 */
  flowport_str op;      /* TensorFlow op */
  flowport_str name;    /* TensorFlow node name */
  flowport_str path;    /* functions from the outermost call inwards, joined by '/'; empty in the main graph */
} flowport_node_info;

/* An ONNX node to emit. domain "" is ai.onnx. Inputs may end with, or contain, 0 for absent optional inputs; inputs and attrs may
 * be NULL where there are none. Attributes that are left out have the op's defaults. */
typedef struct flowport_op {
  uint32_t struct_size;
  uint32_t num_outputs;
  flowport_str type;
  flowport_str domain;
  const flowport_value* inputs;
  const flowport_attr* attrs;
  uint32_t num_inputs;
  uint32_t num_attrs;
} flowport_op;

/* ---- the host, as a handler sees it -------------------------------------------------------------------------------- */

typedef struct flowport_host {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;

  /* Pointers are not NULL, and *out is as it was unless OK is returned or the member says otherwise. Where a function fails it
   * has recorded why, and convert() can then only fail as well: OK is FLOWPORT_PLUGIN_BUG. The DECLINED of node_arity, option and
   * producer_of are answers, not failures. The flowport_node* is that of the convert() call, or one that producer_of gave, of
   * which the functions under "read" and those alone tell of that other node. */

  /* read: views [call] */

  /* Name, op and arity of the node. Does not fail. */
  flowport_status (*node_info)(flowport_node*, flowport_node_info* out);
  /* Where argument `arg` of the op's definition lies among the flat inputs; count is 0 for an empty list. DECLINED, as an answer:
   * there is none, as of an op that TensorFlow does not know. */
  flowport_status (*node_arity)(flowport_node*, flowport_str arg, uint32_t* first, uint32_t* count);
  /* Flat input `i` as a tensor value; a variable gives its current value, an absent argument of a match 0. BAD_CALL: out of range.
   * UNSUPPORTED: not a tensor. */
  flowport_status (*node_input)(flowport_node*, uint32_t i, flowport_value* out);
  /* Element type of flat output `i` by TensorFlow's rules, FLOWPORT_UNDEFINED where they do not tell; shape too where the graph
   * carries _output_shapes. BAD_CALL: out of range. */
  flowport_status (*node_output_type)(flowport_node*, uint32_t i, flowport_type* out);
  /* Attribute of the TF node, default of the op's definition included; kind FLOWPORT_ATTR_NONE where there is none. Does not
   * fail. */
  flowport_status (*node_attr)(flowport_node*, flowport_str name, flowport_attr* out);
  /* Element type and shape of a value, inputs and emitted ones alike. BAD_CALL: no value of this call, as 0 is none. */
  flowport_status (*value_type)(flowport_node*, flowport_value, flowport_type* out);
  /* Content of a value where it is known when converting; out->data is NULL where not, and not NULL for known empty tensors.
   * BAD_CALL: no value of this call. */
  flowport_status (*value_const)(flowport_node*, flowport_value, flowport_tensor* out);
  /* Items of an integer value of rank 0 or 1 as far as they are known; *count is 0 and *out NULL where not even how many.
   * BAD_CALL: no value of this call. */
  flowport_status (*value_items)(flowport_node*, flowport_value, const flowport_item** out, uint32_t* count);

  /* write: into the node's staged patch, which is committed whole when convert() returns OK and dropped otherwise */

  /* Adds an ONNX node and gives its outputs. Checked against the schema at once (BAD_CALL with a sentence). Where all inputs
   * are known and small the result is computed now. `outputs` has op->num_outputs places. UNSUPPORTED: the op, or the target, takes
   * no such element type. */
  flowport_status (*emit)(flowport_node*, const flowport_op* op, flowport_value* outputs);
  /* A constant; its data are copied. BAD_CALL: type and size of the data do not fit. */
  flowport_status (*constant)(flowport_node*, const flowport_tensor*, flowport_value* out);
  /* States what inference cannot know of a value: each unknown dim or rank may become known; a contradiction is BAD_CALL. */
  flowport_status (*set_type)(flowport_node*, flowport_value, const flowport_type*);
  /* Makes `value` flat output `i` of the node. Each output is bound once; all must be bound unless nothing uses them. Its element
   * type has to be TensorFlow's: else convert() ends as PLUGIN_BUG. BAD_CALL: out of range, bound before, no value of this call, or
   * a node that producer_of gave. */
  flowport_status (*bind_output)(flowport_node*, uint32_t i, flowport_value value);

  /* settle */

  /* Opset version of the target for `domain`; 0 where the target has none. Does not fail. */
  uint32_t (*opset)(flowport_node*, flowport_str domain);
  /* A value of the plugin's options from YAML or the command line; DECLINED where not set. [session] */
  flowport_status (*option)(flowport_node*, flowport_str name, flowport_str* out);
  /* A difference or a choice that the user should know of; goes to the report as a warning where convert() returns OK. The text is
   * copied. Does not fail. */
  void (*note)(flowport_node*, flowport_str text);
  /* Records why convert() is about to return `code` (not OK), and what the user can do; of several reasons the first is kept, what
   * a failed function recorded included. Texts are copied; hint may be empty. Returns `code`. */
  flowport_status (*fail)(flowport_node*, flowport_status code, flowport_str text, flowport_str hint);

  /* grow: a further table of functions by id, e.g. FLOWPORT_BODY_API, or NULL. [session] Does not fail. */
  const void* (*interface_of)(flowport_str id);
} flowport_host;

/* Graph-valued attributes (If, Loop, Scan): what is emitted between begin and end goes into the body. Bodies nest, and may use
 * values from outside. Ask interface_of(FLOWPORT_BODY_API). */
#define FLOWPORT_BODY_API "flowport.body/1"
typedef struct flowport_body_api {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  /* Opens a body inside the innermost open one. Does not fail. The body is good within this call [call]. */
  flowport_status (*begin)(flowport_node*, flowport_body* out);
  /* Adds an input to the innermost open body. BAD_CALL: none is open. */
  flowport_status (*input)(flowport_node*, const flowport_type*, flowport_value* out);
  /* Closes the innermost open body, which must be `body`. BAD_CALL: it is not, or an output is no value of this call. */
  flowport_status (*end)(flowport_node*, flowport_body body, const flowport_value* outputs, uint32_t num_outputs);
} flowport_body_api;

/* The TF node that made a value, to be read like the node being converted (node_info, node_arity, node_input, node_attr,
 * node_output_type): for ops that TensorFlow says by several nodes. What the values of a bypassed node were made by is dropped
 * where nothing else uses it. Ask interface_of(FLOWPORT_PRODUCER_API). */
#define FLOWPORT_PRODUCER_API "flowport.producer/1"
typedef struct flowport_producer_api {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */
  /* DECLINED with *out NULL: a constant, an input of the model, a variable, or a node of another graph. [call]
   * BAD_CALL: no value of this call. */
  flowport_status (*producer_of)(flowport_node*, flowport_value, flowport_node** out);
} flowport_producer_api;

/* ---- what a plugin hands over --------------------------------------------------------------------------------------- */

/* Behind a member of a row that may be left out, which then is 0: nothing said. In C++ it spares the warning about members that
 * an initialiser leaves out, so that a row that was written before a member came compiles as it did; in C, name the members. */
#ifdef __cplusplus
#define FLOWPORT_OPTIONAL = {}
#else
#define FLOWPORT_OPTIONAL
#endif

/* Complex tensors (complex64, complex128), of which ONNX has no arithmetic, are carried as real ones with one more dim of 2
 * at the end: real and imaginary part. Bits of flowport_handler.flags say whether a row is for nodes that have some among
 * their inputs or outputs; without a bit it is not. node_output_type and attributes tell TensorFlow's types. */
enum {
  /* For such nodes, and for no others: the row sees the real tensors. */
  FLOWPORT_HANDLER_COMPLEX = 1,
  /* For such nodes too: what the op does to complex numbers it does to their real and to their imaginary parts, and outputs
   * that are not complex depend on shapes only. The host calls convert() once with the real parts and once with the imaginary
   * parts, each time as if the node's types were real, and joins the outputs. Excludes the other bit. */
  FLOWPORT_HANDLER_PARTS = 2
};

/* One row per (TF op, opset range). Strings are NUL-terminated, and not NULL where a row does not say so. [session] */
typedef struct flowport_handler {
  const char* tf_op;
  const char* id;                /* unique in the plugin together with tf_op and range; NULL: tf_op */
  const char* domain;            /* domain whose opset the range speaks of; NULL or "": ai.onnx */
  uint16_t opset_min, opset_max; /* opset_max 0: no upper limit */
  int16_t priority;
  uint16_t flags;        /* FLOWPORT_HANDLER_COMPLEX, FLOWPORT_HANDLER_PARTS or 0 */
  uint64_t const_inputs; /* bit i: flat input i must be known when converting; the host checks and words the error */
  /* Implemented by the plugin; may be called any number of times, in any order, and must not throw. `state` is what init() gave,
   * only to be read. Returns OK with outputs bound, a status that the host gave, or what fail() returned. */
  flowport_status (*convert)(const flowport_host*, flowport_node*, void* state);
  const char* doc;    /* one sentence, or NULL */
  const char* source; /* file:line, for `explain`, or NULL */
} flowport_handler;

/* A version of a domain that a target has. */
typedef struct flowport_domain_version {
  const char* domain; /* "" is ai.onnx */
  uint32_t version;
  uint32_t reserved FLOWPORT_OPTIONAL; /* 0 */
} flowport_domain_version;

/* Something that the target cannot take. */
typedef struct flowport_denial {
  const char* domain;                /* "" is ai.onnx */
  const char* op FLOWPORT_OPTIONAL;  /* NULL: every op */
  uint64_t dtypes FLOWPORT_OPTIONAL; /* bit n: element type n; 0: every type */
  const char* reason;                /* what the user reads */
  /* Variable of the op's schema that dtypes speak of ("Tind"); NULL: its first input's; op NULL: all. */
  const char* type_var FLOWPORT_OPTIONAL;
  /* Opsets of `domain` at which this holds; 0: no limit on that side. */
  uint16_t opset_min FLOWPORT_OPTIONAL;
  uint16_t opset_max FLOWPORT_OPTIONAL;
  uint32_t reserved FLOWPORT_OPTIONAL; /* 0 */
} flowport_denial;

/* An op that the target takes. Since 1.2. */
typedef struct flowport_allowance {
  const char* domain; /* "" is ai.onnx */
  const char* op;
  uint64_t dtypes FLOWPORT_OPTIONAL; /* bit n: element type n; 0: every type */
  const char* type_var
      FLOWPORT_OPTIONAL; /* variable of the op's schema that dtypes speak of; NULL: its first input's */
  /* Opsets of `domain` at which this holds; 0: no limit on that side. */
  uint16_t opset_min FLOWPORT_OPTIONAL;
  uint16_t opset_max FLOWPORT_OPTIONAL;
  uint32_t reserved FLOWPORT_OPTIONAL; /* 0 */
} flowport_allowance;

/* Of flowport_target.flags. */
enum {
  FLOWPORT_TARGET_STATIC_SHAPES = 1 /* every dim of the model's inputs has to be a number */
};

/* What `--opset N` or `--target ID` names. A target without domains, its parents' included, is only a parent for others. */
typedef struct flowport_target {
  const char* id;                       /* "onnx-21", "onnxruntime-1.20" */
  const char* parent FLOWPORT_OPTIONAL; /* NULL, or the target whose domains and denials this one extends */
  uint32_t ir_version FLOWPORT_OPTIONAL;
  uint32_t reserved FLOWPORT_OPTIONAL;      /* 0 */
  flowport_table domains FLOWPORT_OPTIONAL; /* flowport_domain_version */
  flowport_table denials FLOWPORT_OPTIONAL; /* flowport_denial */
  const char* doc FLOWPORT_OPTIONAL;
  /* Since 1.2. With rows, its parents' included, the target takes no other op of ai.onnx and ai.onnx.ml, and even of those none
   * that a denial speaks against. */
  flowport_table allowed FLOWPORT_OPTIONAL; /* flowport_allowance */
  uint32_t max_rank FLOWPORT_OPTIONAL;      /* tensors may have this many dims; 0: any number */
  uint32_t flags FLOWPORT_OPTIONAL;         /* FLOWPORT_TARGET_* */
} flowport_target;

/* An op of a custom domain. Emitted nodes are checked against it. */
typedef struct flowport_schema_attr {
  const char* name;
  uint32_t kind; /* FLOWPORT_ATTR_* */
  uint32_t required FLOWPORT_OPTIONAL;
} flowport_schema_attr;

typedef struct flowport_schema {
  const char* domain;
  const char* op;
  uint32_t since_version;
  uint32_t min_inputs, max_inputs;
  uint32_t min_outputs, max_outputs;
  uint32_t reserved FLOWPORT_OPTIONAL;        /* 0 */
  flowport_table attrs FLOWPORT_OPTIONAL;     /* flowport_schema_attr */
  const char* library FLOWPORT_OPTIONAL;      /* run-time library that has the kernel, or NULL */
  const char* registration FLOWPORT_OPTIONAL; /* how the run-time learns of it, for people, or NULL */
} flowport_schema;

/* A recogniser of a larger shape: a pattern as data, matched by the host, and a function that emits what replaces it. The table
 * slot exists from 1.0; what it means is defined from 1.1 on, for one phase:
 *
 * FLOWPORT_PHASE_SCAN matches the step of a loop: what one iteration makes of the loop's states and of its row of a sequence.
 * The pattern is a head and, on the lines below it, node statements of ONNX's text syntax in which calls may nest:
 *
 *   (x, h) => (h1)
 *   h1 = Tanh(Sum(MatMul(x, W), MatMul(h, R), B))
 *
 *   - The last names in the head's first list, one for each result, are states; the result is the state's next value. The names
 *     before them are sequences, of which each iteration has a row.
 *   - A name that nothing defines is a weight: it is the same in every iteration.
 *   - Sum, Add and Sub match any sum of the same terms, in any order and grouping. MatMul with a weight in a sum matches any way
 *     to say it: rows of a matrix for joined operands (Concat), columns of one whose product is cut (Split, Slice), Gemm. A
 *     weight that stands in a sum alone is all that is invariant in it: absent (0) where there is none, else of rank 1.
 *   - Mul matches in either order. `any.f(...)` matches an activation: an op of one input with no attributes but
 *     alpha and beta; HardSigmoid also as a Clip of multiples and sums with numbers; no op at all as Affine with alpha 1 and
 *     beta 0. The same letter, the same activation.
 *   - A number matches a known scalar.
 *
 * apply() sees the match as a node: node_info's op is the rewrite's id. Arguments by name (node_arity): each sequence with time
 * as its axis 0, each state's value before the loop, each weight, and "sequence_lens" (int32 [batch], absent where each lane
 * goes to the end): a lane keeps its state from that step on. Attributes by name: the op that each `any.f` matched, a
 * string; "f.alpha" and "f.beta" (float), absent where the op does not say them.
 * Output 2k is state k after every iteration, stacked on axis 0, and zero from sequence_lens on; output 2k+1 is its last value.
 * An output that is not bound is one that the replacement does not have. DECLINED or UNSUPPORTED: the loop stays as it is. What
 * the loop does beside the match stays in it. */
#define FLOWPORT_PHASE_SCAN "scan"
typedef struct flowport_rewrite {
  const char* id;
  const char* phase;
  const char* pattern;
  /* As flowport_handler.convert. */
  flowport_status (*apply)(const flowport_host*, flowport_node*, void* state);
} flowport_rewrite;

/* An op that TensorFlow does not have, as REGISTER_OP declares it: so a model that comes without a list of its ops has their types,
 * arguments by name and defaults of attributes. Each text is a list separated by commas of what stands between the quotes of
 * Input, Output or Attr: "x: T, pieces: N * float", "y: T", "T: {float, double} = DT_FLOAT, N: int >= 1". Since 1.3. */
typedef struct flowport_tf_op {
  const char* op;
  const char* inputs FLOWPORT_OPTIONAL;  /* NULL or "": none */
  const char* outputs FLOWPORT_OPTIONAL; /* NULL or "": none */
  const char* attrs FLOWPORT_OPTIONAL;   /* NULL or "": none. Every attribute that an argument names is among them */
} flowport_tf_op;

typedef struct flowport_plugin {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor; /* of the header it was built with */
  uint16_t min_host_minor;       /* the oldest host it accepts */
  uint16_t flags;                /* 0 */
  /* Visible ASCII without spaces for id and version; of the texts only url may be NULL or empty. [session] */
  const char *id, *version, *summary, *license, *url;
  flowport_table handlers; /* flowport_handler */
  flowport_table targets;  /* flowport_target */
  flowport_table schemas;  /* flowport_schema */
  flowport_table rewrites; /* flowport_rewrite */
  /* Optional; called once, on the thread that loads the plugin, before any of its handlers. There is no node: of the host only
   * option, fail and interface_of, with NULL for it. Not OK: refuses. reason (NUL-terminated), *state: [session]. Must not throw. */
  flowport_status (*init)(const flowport_host*, void** state, const char** reason);
  /* Optional; called once at exit, in reverse order of init. Must not throw, and cannot fail. */
  void (*shutdown)(void* state);
  flowport_table tf_ops; /* flowport_tf_op. Since 1.3 */
} flowport_plugin;

/* The only symbol a plugin exports: gives the plugin's descriptor [session], the same at each call. No side effects; called on any
 * thread; must not throw. NULL: the plugin cannot work with a host of this minor. */
#define FLOWPORT_QUERY_SYMBOL "flowport_plugin_query_v1"
typedef const flowport_plugin* (*flowport_plugin_query_fn)(uint16_t host_minor);

#ifdef __cplusplus
}
#endif

/* Whether the other side's struct of `type` at `pointer`, which has a struct_size, has `member` as well, and it is not NULL. To
 * be asked before a member is used that is newer than the oldest minor to work with; those of 1.0 are always there. */
#define FLOWPORT_HAS(type, pointer, member) \
  (offsetof(type, member) + sizeof((pointer)->member) <= (pointer)->struct_size && (pointer)->member != NULL)
#define FLOWPORT_HOST_HAS(host, member) FLOWPORT_HAS(flowport_host, host, member)

#endif
