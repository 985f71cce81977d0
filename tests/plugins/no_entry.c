/* Exports something, but not the entry. */
#include "fixture.h"

__attribute__((visibility("default"))) int flowport_fixture_without_entry(void);
int flowport_fixture_without_entry(void) { return 1; }
