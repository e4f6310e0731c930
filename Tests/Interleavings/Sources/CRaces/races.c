// The run-time half of `-sanitize=thread`, for code of which one thread runs at a time: the compiler calls these functions
// at each access to memory, and they hold it against the vector clocks that the scheduler keeps.
#define _GNU_SOURCE
#include "races.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

static uint32_t clocks[RACES_THREADS][RACES_THREADS];
static struct race first_race;

uint32_t *races_clock(int of) { return clocks[of]; }
struct race races_first(void) { return first_race; }

/// The last accesses to eight bytes.
struct granule {
    uintptr_t key;
    uint32_t round;
    int writer;
    uint32_t written;
    uint32_t read[RACES_THREADS];
    int write_step, read_step;
};

enum { GRANULES = 1 << 16 };
static struct granule granules[GRANULES];
static uint32_t round_number = 1;
static bool tracking;
static int ignoring[RACES_THREADS];
static int thread, step;
static uintptr_t stack_low, stack_high;

void races_reset(void) {
    round_number++;
    memset(&first_race, 0, sizeof first_race);
    memset(ignoring, 0, sizeof ignoring);
}

void races_track(bool tracks) { tracking = tracks; }

void races_switch(int next, uintptr_t low, uintptr_t high) {
    thread = next;
    stack_low = low;
    stack_high = high;
}

void races_stack(uintptr_t *low, uintptr_t *high) {
    pthread_attr_t attributes;
    void *start;
    size_t size;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &start, &size);
    pthread_attr_destroy(&attributes);
    *low = (uintptr_t)start;
    *high = *low + size;
}

void races_stay_on_this_processor(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(sched_getcpu(), &set);
    sched_setaffinity(0, sizeof set, &set);
}

void races_step(int number) { step = number; }

/// The granule of an address; NULL when it has none and none is wanted, or the table is full.
static struct granule *find(uintptr_t key, bool make) {
    size_t at = (key * 0x9E3779B97F4A7C15u) >> 48;
    for (int tries = 0; tries < 64; tries++, at = (at + 1) % GRANULES) {
        struct granule *granule = &granules[at];
        if (granule->round != round_number) {
            if (!make) return NULL;
            memset(granule, 0, sizeof *granule);
            granule->key = key;
            granule->round = round_number;
            granule->writer = -1;
            return granule;
        }
        if (granule->key == key) return granule;
    }
    return NULL;
}

static void report(int other_step, int other, bool is_write) {
    if (first_race.found) return;
    first_race = (struct race){true, thread, other, step, other_step, is_write};
}

static void note(uintptr_t key, bool is_write) {
    struct granule *granule = find(key, true);
    if (!granule) __builtin_trap();
    const uint32_t *clock = clocks[thread];
    if (granule->writer >= 0 && granule->writer != thread && granule->written > clock[granule->writer])
        report(granule->write_step, granule->writer, is_write);
    if (!is_write) {
        granule->read[thread] = clock[thread];
        granule->read_step = step;
        return;
    }
    for (int other = 0; other < RACES_THREADS; other++)
        if (other != thread && granule->read[other] > clock[other])
            report(granule->read_step, other, is_write);
    granule->writer = thread;
    granule->written = clock[thread];
    granule->write_step = step;
}

static inline void access(const void *start, size_t size, bool is_write) {
    uintptr_t address = (uintptr_t)start;
    if (!tracking || ignoring[thread] > 0 || (address >= stack_low && address < stack_high) || size == 0) return;
    for (uintptr_t key = address >> 3; key <= (address + size - 1) >> 3; key++) note(key, is_write);
}

// Freed memory is another's when it is allocated again.
extern void __libc_free(void *);

void free(void *start) {
    if (tracking && start) {
        uintptr_t first = (uintptr_t)start >> 3, end = first + (malloc_usable_size(start) >> 3);
        for (uintptr_t key = first; key < end; key++) {
            struct granule *granule = find(key, false);
            if (!granule) continue;
            granule->writer = -1;
            memset(granule->read, 0, sizeof granule->read);
        }
    }
    __libc_free(start);
}

// MARK: What the compiler calls

#define ACCESS(size)                                                                                                   \
    void __tsan_read##size(void *at) { access(at, size, false); }                                                  \
    void __tsan_write##size(void *at) { access(at, size, true); }                                                  \
    void __tsan_unaligned_read##size(void *at) { access(at, size, false); }                                        \
    void __tsan_unaligned_write##size(void *at) { access(at, size, true); }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

void *__tsan_memcpy(void *to, const void *from, size_t size) {
    access(from, size, false);
    access(to, size, true);
    return memcpy(to, from, size);
}
void *__tsan_memmove(void *to, const void *from, size_t size) {
    access(from, size, false);
    access(to, size, true);
    return memmove(to, from, size);
}
void *__tsan_memset(void *to, int byte, size_t size) {
    access(to, size, true);
    return memset(to, byte, size);
}
void __tsan_init(void) {}
void __tsan_func_entry(void *caller) { (void)caller; }
void __tsan_func_exit(void) {}
// Around the code of initializers and deinitializers, which a count of references orders.
void __tsan_ignore_thread_begin(void) { ignoring[thread]++; }
void __tsan_ignore_thread_end(void) { ignoring[thread]--; }
void __tsan_external_read(void *at, void *caller, void *tag) { (void)at, (void)caller, (void)tag; }
void __tsan_external_write(void *at, void *caller, void *tag) { (void)at, (void)caller, (void)tag; }
void *__tsan_external_register_tag(const char *name) { return (void *)name; }

// Atomics that the compiler makes for itself, as for a lazy global. They are in nobody's way.
#define ATOMIC(bits, type)                                                                                             \
    type __tsan_atomic##bits##_load(const type *at, int order) { (void)order; return *at; }                            \
    void __tsan_atomic##bits##_store(type *at, type value, int order) { (void)order; *at = value; }
ATOMIC(8, uint8_t)
ATOMIC(16, uint16_t)
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)
