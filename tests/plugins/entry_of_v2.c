/* Has the entry of a later ABI major only. */
__attribute__((visibility("default"))) const void* flowport_plugin_query_v2(void);
const void* flowport_plugin_query_v2(void) { return 0; }
