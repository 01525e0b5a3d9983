// What Swift cannot say: thread-local storage, macros, _GNU_SOURCE functions, clone.
// Each function says why it is C.
#ifndef CSYSTEMSHIMS_H
#define CSYSTEMSHIMS_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include "FluxSpawn.h"

// The reactor that runs on this thread, or NULL. C because Swift has no cheap thread-local variable.
void *flux_current_reactor(void);
void flux_set_current_reactor(void *reactor);

// Credentials of the peer of a connected AF_UNIX socket; 0 or an errno.
// C because struct ucred needs _GNU_SOURCE.
int flux_peer_credentials(int fd, uint32_t *uid, int32_t *pid);

// epoll_wait with a timeout in nanoseconds, forever when it is negative; to the next millisecond on a kernel before 5.11.
// C because epoll_pwait2 needs _GNU_SOURCE and the fallback keeps what it found out.
int flux_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t nanoseconds);

// accept4 of a connection that is closed on exec and does not block: the descriptor, or -1 with errno.
// C because accept4 needs _GNU_SOURCE.
int flux_accept(int listener);

// Names the calling thread, cut to 15 bytes, as `ps -L` and `top` show it. On the main thread this names the process.
// C because pthread_setname_np needs _GNU_SOURCE.
void flux_set_thread_name(const char *name);

// From now on a Swift job that no executor claims, such as a resumed continuation of a task without a preferred
// executor, is given to the reactor of the thread that enqueues it, if there is one, instead of the thread pool.
// C because the runtime's hook is a C variable with the Swift calling convention.
void flux_keep_global_jobs(void (*take)(void *reactor, void *job));

#endif
