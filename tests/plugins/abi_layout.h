/* Holds abi.h to the layout that abi_layout.def describes; compiled as C11 (by the fixtures) and as C++20 (by the tests of the
 * host). */
#ifndef FLOWPORT_TESTS_PLUGINS_ABI_LAYOUT_H
#define FLOWPORT_TESTS_PLUGINS_ABI_LAYOUT_H

#include <flowport/abi.h>

#ifdef __cplusplus
#define HOLDS(condition, sentence) static_assert(condition, sentence)
#else
#define HOLDS(condition, sentence) _Static_assert(condition, sentence)
#endif
#define STRUCT(type, bytes)            \
  HOLDS(sizeof(type) == (bytes), #type \
        " has not the size of abi_layout.def: plugins rely on it, so members are only appended, in a later minor");
#define MEMBER(type, member, offset, bytes)                                                \
  HOLDS(offsetof(type, member) == (offset) && sizeof(((type*)0)->member) == (bytes), #type \
        "." #member " is not where it was: plugins that were built for an earlier minor rely on its place and size");

#include "abi_layout.def"

#undef MEMBER
#undef STRUCT

HOLDS(FLOWPORT_ABI_MAJOR == 1, "another major has another entry symbol, and a layout of its own");

#undef HOLDS

#endif
