#define _GNU_SOURCE
#include "core_dumps.h"
#include <sys/prctl.h>
#include <sys/resource.h>

void core_dumps_forbid(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    // The limit does not hold where the system hands cores to a program.
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
