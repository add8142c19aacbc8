#pragma once
#include <stdint.h>

/// Connections whose bytes a thread takes as they come, and throws away: the viewers of a benchmark.
typedef struct readers readers;

/// Starts the thread. Null when the system has no more of something.
readers *readers_start(void);

/// Connects to a port of 127.0.0.1. Returns 0, or errno.
int readers_connect(readers *, uint16_t port);

/// All bytes that have come.
uint64_t readers_bytes(const readers *);

/// Ends the thread and closes its connections.
void readers_stop(readers *);
