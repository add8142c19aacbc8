#pragma once
#include <stdint.h>

/// The allocations of all threads since allocation_count_start, from whatever library they came. What is counted is
/// each call of malloc, calloc, realloc, aligned_alloc, memalign and posix_memalign.
void allocation_count_start(void);

/// Stops counting and returns the count.
uint64_t allocation_count_stop(void);
