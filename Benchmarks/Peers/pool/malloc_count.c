/* Counts heap allocations of a process, and writes the count when it ends: LD_PRELOAD. glibc only. */
#include <stddef.h>
#include <stdio.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static unsigned long count;
#define COUNT() __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED)

void *malloc(size_t size) { COUNT(); return __libc_malloc(size); }
void *calloc(size_t number, size_t size) { COUNT(); return __libc_calloc(number, size); }
void *realloc(void *old, size_t size) { COUNT(); return __libc_realloc(old, size); }
void *memalign(size_t alignment, size_t size) { COUNT(); return __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { COUNT(); return __libc_memalign(alignment, size); }
int posix_memalign(void **result, size_t alignment, size_t size) {
    COUNT();
    *result = __libc_memalign(alignment, size);
    return *result ? 0 : 12;
}

__attribute__((destructor)) static void tell(void) { fprintf(stderr, "allocations %lu\n", count); }
