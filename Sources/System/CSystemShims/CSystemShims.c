#define _GNU_SOURCE
#include "CSystemShims.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

static __thread void *current_reactor;

void *flux_current_reactor(void)
{
    return current_reactor;
}

void flux_set_current_reactor(void *reactor)
{
    current_reactor = reactor;
}

int flux_peer_credentials(int fd, uint32_t *uid, int32_t *pid)
{
    struct ucred credentials;
    socklen_t size = sizeof(credentials);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
        return errno;
    *uid = credentials.uid;
    *pid = credentials.pid;
    return 0;
}

void flux_set_thread_name(const char *name)
{
    char cut[16];

    strncpy(cut, name, sizeof(cut) - 1);
    cut[sizeof(cut) - 1] = '\0';
    pthread_setname_np(pthread_self(), cut);
}

int flux_accept(int listener)
{
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int flux_epoll_wait(int epoll, struct epoll_event *events, int capacity, int64_t nanoseconds)
{
    static int is_missing; // set by any thread, never cleared
    int64_t milliseconds = nanoseconds / 1000000 + (nanoseconds % 1000000 > 0);

    if (nanoseconds > 0 && !__atomic_load_n(&is_missing, __ATOMIC_RELAXED)) {
        struct timespec timeout = { nanoseconds / 1000000000, nanoseconds % 1000000000 };
        int count = epoll_pwait2(epoll, events, capacity, &timeout, NULL);

        if (count >= 0 || errno != ENOSYS)
            return count;
        __atomic_store_n(&is_missing, 1, __ATOMIC_RELAXED);
    }
    if (nanoseconds < 0)
        milliseconds = -1;
    return epoll_wait(epoll, events, capacity, milliseconds > INT_MAX ? INT_MAX : (int)milliseconds);
}
