#include "readers.h"

#if defined(__linux__)

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct readers {
    int poller;
    pthread_t thread;
    atomic_bool is_stopped;
    atomic_uint_fast64_t bytes;
    int *descriptors;
    int count;
};

static void *run(void *argument) {
    readers *self = argument;
    struct epoll_event events[256];
    static char unused[1 << 18];
    while (!atomic_load_explicit(&self->is_stopped, memory_order_relaxed)) {
        int count = epoll_wait(self->poller, events, 256, 20);
        for (int index = 0; index < count; index++) {
            // MSG_TRUNC: the kernel drops the bytes and copies none.
            ssize_t received = recv(events[index].data.fd, unused, sizeof unused, MSG_DONTWAIT | MSG_TRUNC);
            if (received > 0) {
                atomic_fetch_add_explicit(&self->bytes, (uint64_t)received, memory_order_relaxed);
            } else if (received == 0) {
                epoll_ctl(self->poller, EPOLL_CTL_DEL, events[index].data.fd, NULL);
            }
        }
    }
    return NULL;
}

readers *readers_start(void) {
    readers *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->poller = epoll_create1(0);
    if (self->poller < 0 || pthread_create(&self->thread, NULL, run, self) != 0) {
        free(self);
        return NULL;
    }
    return self;
}

int readers_connect(readers *self, uint16_t port) {
    int *descriptors = realloc(self->descriptors, sizeof(int) * (size_t)(self->count + 1));
    if (!descriptors) return ENOMEM;
    self->descriptors = descriptors;
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0) return errno;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0
        || epoll_ctl(self->poller, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        int error = errno;
        close(descriptor);
        return error;
    }
    self->descriptors[self->count++] = descriptor;
    return 0;
}

uint64_t readers_bytes(const readers *self) {
    return atomic_load_explicit(&self->bytes, memory_order_relaxed);
}

void readers_stop(readers *self) {
    atomic_store(&self->is_stopped, true);
    pthread_join(self->thread, NULL);
    for (int index = 0; index < self->count; index++) close(self->descriptors[index]);
    close(self->poller);
    free(self->descriptors);
    free(self);
}

#endif
