#define _GNU_SOURCE
#include "FluxSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { child_stack_bytes = 64 * 1024 };

struct child {
    const struct flux_spawn *request;
    struct flux_spawn_result *result;
    sigset_t mask;
    int error;
};

static int fail(struct child *child, const char *step)
{
    child->error = errno;
    child->result->failed = step;
    _exit(127);
}

void flux_close_on_exec_from(unsigned first)
{
#ifdef SYS_close_range
    // 4 is CLOSE_RANGE_CLOEXEC; on a kernel without it every descriptor of ours is close-on-exec anyhow.
    syscall(SYS_close_range, first, ~0U, 4U);
#else
    (void)first;
#endif
}

int flux_pipe(int *read_end, int *write_end)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return errno;
    *read_end = ends[0];
    *write_end = ends[1];
    return 0;
}

// The system call itself, because the C library hides the two signals it uses, which may be inherited as ignored.
// Room for the kernel's struct sigaction of any architecture; its first word is the handler, 0 is SIG_DFL.
static void reset_signals(void)
{
    unsigned long standard[8] = { 0 };
    unsigned long present[8];

    for (int number = 1; number < 65; number++)
        if (syscall(SYS_rt_sigaction, number, NULL, present, 8) == 0 && present[0] != 0)
            syscall(SYS_rt_sigaction, number, standard, NULL, 8);
}

// Puts the wanted descriptors on 0, 1 and 2. Sources below 3 are moved up first, so that none is overwritten.
static void place_stdio(struct child *child)
{
    int source[3];

    for (int index = 0; index < 3; index++) {
        source[index] = child->request->stdio[index];
        if (source[index] >= 0 && source[index] < 3 && source[index] != index) {
            source[index] = fcntl(source[index], F_DUPFD_CLOEXEC, 3);
            if (source[index] < 0)
                fail(child, "dup");
        }
    }
    for (int index = 0; index < 3; index++) {
        if (source[index] == -2)
            close(index);
        else if (source[index] == index)
            fcntl(index, F_SETFD, 0);
        else if (source[index] >= 0 && dup2(source[index], index) < 0)
            fail(child, "dup2");
    }
}

static void enter_directory(struct child *child)
{
    const struct flux_spawn *request = child->request;

    if (!request->directory || chdir(request->directory) == 0)
        return;
    if (!request->fallback_directory)
        fail(child, "chdir");
    child->result->directory_error = errno;
    if (chdir(request->fallback_directory) < 0)
        fail(child, "chdir");
}

static void run_script(const struct flux_spawn *request, const char *path)
{
    size_t count = 0;

    request->interpreter[count++] = "/bin/sh";
    request->interpreter[count++] = path;
    for (size_t index = 1; request->arguments[0] && request->arguments[index]; index++)
        request->interpreter[count++] = request->arguments[index];
    request->interpreter[count] = NULL;
    execve("/bin/sh", (char *const *)request->interpreter, request->environment);
}

static void execute(struct child *child)
{
    const struct flux_spawn *request = child->request;
    int denied = 0;

    errno = ENOENT;
    for (size_t index = 0; request->candidates[index]; index++) {
        const char *path = request->candidates[index];

        execve(path, request->arguments, request->environment);
        if (errno == ENOEXEC && request->interpreter)
            run_script(request, path);
        if (errno == EACCES)
            denied = 1;
        else if (errno != ENOENT && errno != ENOTDIR && errno != ESTALE && errno != ENODEV && errno != ETIMEDOUT)
            fail(child, "exec");
    }
    if (denied)
        errno = EACCES;
    fail(child, "exec");
}

static int run_child(void *argument)
{
    struct child *child = argument;
    const struct flux_spawn *request = child->request;

    reset_signals();
    if (request->parent_death_signal)
        prctl(PR_SET_PDEATHSIG, request->parent_death_signal);
    if (request->new_session) {
        if (setsid() < 0)
            fail(child, "setsid");
    } else if (request->new_group && setpgid(0, 0) < 0 && getpgrp() != getpid()) {
        fail(child, "setpgid");
    }
    place_stdio(child);
    if (request->new_session && isatty(0))
        ioctl(0, TIOCSCTTY, 0);
    flux_close_on_exec_from(3);
    for (size_t index = 0; index < request->inherited_count; index++)
        if (fcntl(request->inherited[index], F_SETFD, 0) < 0)
            fail(child, "fcntl");
    enter_directory(child);
    for (size_t index = 0; index < request->limit_count; index++)
        flux_set_soft_limit(request->limits[index].resource, request->limits[index].soft);
    if (request->cpus)
        flux_set_affinity(request->cpus, request->cpu_bytes);
    if (request->traced && ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
        fail(child, "ptrace");
    sigprocmask(SIG_SETMASK, &child->mask, NULL);
    execute(child);
    return 127;
}

int flux_spawn(const struct flux_spawn *request, struct flux_spawn_result *result)
{
    struct child child = { .request = request, .result = result };
    sigset_t all, previous;
    int pidfd = -1;
    char *stack;
    pid_t pid;

    memset(result, 0, sizeof(*result));
    result->pidfd = -1;
    stack = mmap(NULL, child_stack_bytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) {
        result->failed = "mmap";
        return errno;
    }
    // No handler of ours may run on the child's stack.
    sigemptyset(&child.mask);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    pid = clone(run_child, stack + child_stack_bytes, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &child, &pidfd);
    if (pid < 0) {
        child.error = errno;
        result->failed = "clone";
    }
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    munmap(stack, child_stack_bytes);
    if (child.error) {
        if (pid > 0) {
            while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                continue;
            close(pidfd);
        }
        return child.error;
    }
    result->pid = pid;
    result->pidfd = pidfd;
    return 0;
}

int flux_reap(pid_t pid, int *status, double *user_seconds, double *system_seconds, long *max_rss_kib)
{
    struct rusage usage;
    pid_t found = wait4(pid, status, WNOHANG, &usage);

    if (found == pid) {
        *user_seconds = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
        *system_seconds = (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
        *max_rss_kib = usage.ru_maxrss;
        return 1;
    }
    return found == 0 || errno == EINTR ? 0 : -1;
}

int flux_spawn_leave_stopped(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, WUNTRACED) < 0)
        if (errno != EINTR)
            return errno;
    if (!WIFSTOPPED(status))
        return ECHILD;
    if (ptrace(PTRACE_DETACH, pid, NULL, (void *)(intptr_t)SIGSTOP) < 0)
        return errno;
    return 0;
}

long flux_get_affinity(unsigned char *mask, size_t bytes)
{
    return syscall(SYS_sched_getaffinity, 0, bytes, mask);
}

int flux_set_affinity(const unsigned char *mask, size_t bytes)
{
    return syscall(SYS_sched_setaffinity, 0, bytes, mask) < 0 ? errno : 0;
}

int flux_open_terminal(int *leader, int *follower)
{
    char name[64];
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    int error;

    if (fd < 0)
        return errno;
    if (grantpt(fd) == 0 && unlockpt(fd) == 0 && ptsname_r(fd, name, sizeof(name)) == 0) {
        *follower = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (*follower >= 0) {
            *leader = fd;
            return 0;
        }
    }
    error = errno;
    close(fd);
    return error;
}

int flux_set_window_size(int fd, unsigned short rows, unsigned short columns)
{
    struct winsize size = { .ws_row = rows, .ws_col = columns };

    return ioctl(fd, TIOCSWINSZ, &size) < 0 ? errno : 0;
}

int flux_get_window_size(int fd, unsigned short *rows, unsigned short *columns)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) < 0)
        return errno;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}

int flux_set_soft_limit(int resource, uint64_t soft)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) < 0)
        return errno;
    limit.rlim_cur = soft == UINT64_MAX ? RLIM_INFINITY : (rlim_t)soft;
    if (limit.rlim_max != RLIM_INFINITY && (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > limit.rlim_max))
        limit.rlim_cur = limit.rlim_max;
    return setrlimit(resource, &limit) < 0 ? errno : 0;
}

int flux_get_limit(int resource, uint64_t *soft, uint64_t *hard)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) < 0)
        return errno;
    *soft = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
    *hard = limit.rlim_max == RLIM_INFINITY ? UINT64_MAX : limit.rlim_max;
    return 0;
}

int flux_status_exited(int status) { return WIFEXITED(status); }
int flux_status_code(int status) { return WEXITSTATUS(status); }
int flux_status_signaled(int status) { return WIFSIGNALED(status); }
int flux_status_signal(int status) { return WTERMSIG(status); }
