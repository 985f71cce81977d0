/* The manifest: what a plugin's tables hold, as text in a section of its file, so that the host knows it without running any code
 * of the plugin. C11, C17 and C++20.
 *
 * A plugin without one works too: its code is then loaded whenever flowport starts, since nothing else tells what it has.
 *
 * Form. Lines that end with \n; NULs count as line ends. The fields of a line are separated by tabs; its first field says what it
 * is. Lines of an unknown kind, and further fields, are for later hosts. The order of lines does not matter.
 *
 *   flowport  1  ABI_MAJOR  ABI_MINOR  MIN_HOST_MINOR
 *   plugin    ID  VERSION  LICENSE  URL  SUMMARY
 *   handler   TF_OP  ID  DOMAIN  OPSET_MIN  OPSET_MAX  PRIORITY  FLAGS  CONST_INPUTS  SOURCE  DOC
 *   target    ID
 *   schema    DOMAIN  OP  SINCE_VERSION
 *   rewrite   ID  PHASE
 *   tf_op     OP  INPUTS  OUTPUTS  ATTRS
 *
 * "flowport" and "plugin" stand once; the others once for each row of the plugin's tables. Numbers are decimal. The host compares
 * manifest and tables when it loads the code, and refuses a plugin whose two differ.
 *
 * In C++, FLOWPORT_PLUGIN and its like write the manifest (manifest.hpp). In C, the macros below do:
 *
 *   FLOWPORT_MANIFEST(FLOWPORT_MANIFEST_PLUGIN("com.example.ops", "1.0.0", "Apache-2.0", "", "Example ops")
 *                     FLOWPORT_MANIFEST_HANDLER("Cube", "Cube", "", 13, 0, 0, 0, 0, "", ""))
 */
#ifndef FLOWPORT_MANIFEST_H
#define FLOWPORT_MANIFEST_H

#include <flowport/abi.h>

#define FLOWPORT_MANIFEST_SECTION ".flowport.manifest"

/* `retain` keeps the section where the linker drops what nothing refers to. */
#if defined(__has_attribute)
#if __has_attribute(retain)
#define FLOWPORT_MANIFEST_ATTRIBUTE __attribute__((section(FLOWPORT_MANIFEST_SECTION), used, retain))
#endif
#endif
#ifndef FLOWPORT_MANIFEST_ATTRIBUTE
#define FLOWPORT_MANIFEST_ATTRIBUTE __attribute__((section(FLOWPORT_MANIFEST_SECTION), used))
#endif

#define FLOWPORT_MANIFEST_TEXT_(x) #x
#define FLOWPORT_MANIFEST_NUMBER_(x) FLOWPORT_MANIFEST_TEXT_(x)

/* Texts are string literals; numbers are macros or literals that are plain decimal numbers. */
#define FLOWPORT_MANIFEST_PLUGIN_FOR(min_host_minor, id, version, license, url, summary)                           \
  "flowport\t1\t" FLOWPORT_MANIFEST_NUMBER_(FLOWPORT_ABI_MAJOR) "\t" FLOWPORT_MANIFEST_NUMBER_(                    \
      FLOWPORT_ABI_MINOR) "\t" FLOWPORT_MANIFEST_NUMBER_(min_host_minor) "\nplugin\t" id "\t" version "\t" license \
                                                                         "\t" url "\t" summary "\n"
#define FLOWPORT_MANIFEST_PLUGIN(id, version, license, url, summary) \
  FLOWPORT_MANIFEST_PLUGIN_FOR(0, id, version, license, url, summary)
#define FLOWPORT_MANIFEST_HANDLER(tf_op, id, domain, opset_min, opset_max, priority, flags, const_inputs, source, doc) \
  "handler\t" tf_op "\t" id "\t" domain                                                                                \
  "\t" FLOWPORT_MANIFEST_NUMBER_(opset_min) "\t" FLOWPORT_MANIFEST_NUMBER_(opset_max) "\t" FLOWPORT_MANIFEST_NUMBER_(  \
      priority) "\t" FLOWPORT_MANIFEST_NUMBER_(flags) "\t" FLOWPORT_MANIFEST_NUMBER_(const_inputs) "\t" source         \
                                                                                                   "\t" doc "\n"
#define FLOWPORT_MANIFEST_TARGET(id) "target\t" id "\n"
#define FLOWPORT_MANIFEST_SCHEMA(domain, op, since_version) \
  "schema\t" domain "\t" op "\t" FLOWPORT_MANIFEST_NUMBER_(since_version) "\n"
#define FLOWPORT_MANIFEST_REWRITE(id, phase) "rewrite\t" id "\t" phase "\n"
#define FLOWPORT_MANIFEST_TF_OP(op, inputs, outputs, attrs) "tf_op\t" op "\t" inputs "\t" outputs "\t" attrs "\n"

/* Puts the lines into the file; once in a source file. */
#define FLOWPORT_MANIFEST(lines) FLOWPORT_MANIFEST_ATTRIBUTE static const char flowport_manifest[] = lines;

#endif
