#define _GNU_SOURCE
#include "CSystemShims.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

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
