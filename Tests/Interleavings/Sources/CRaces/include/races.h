#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The most threads of a program, and so the length of a clock.
#define RACES_THREADS 8

/// Two accesses to the same memory, at least one of them a write, that nothing orders.
struct race {
    bool found;
    int thread, other;
    /// The steps after which the accesses were made.
    int step, other_step;
    bool is_write;
};

/// The vector clock of a thread, of so many numbers as there may be threads.
uint32_t *races_clock(int thread);

/// The first race since the last reset.
struct race races_first(void);

/// Forgets all accesses; begins or ends to note new ones.
void races_reset(void);
void races_track(bool tracks);

/// From now on accesses are those of this thread, whose own stack, from `low` to `high`, is not looked at.
void races_switch(int thread, uintptr_t low, uintptr_t high);

/// The stack of the calling thread.
void races_stack(uintptr_t *low, uintptr_t *high);

/// Keeps the calling thread, and those that it starts, on the processor on which it runs.
void races_stay_on_this_processor(void);

/// What comes now comes after a step of this number.
void races_step(int step);
