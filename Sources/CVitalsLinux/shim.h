#pragma once

// What the Glibc module leaves out. Empty elsewhere than on Linux.
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

/// Names the calling thread; the kernel keeps 15 bytes.
static inline void vitals_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
#endif
