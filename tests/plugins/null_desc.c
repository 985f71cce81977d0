/* Its query returns no descriptor. */
#include "fixture.h"

EXPORT(NULL)
