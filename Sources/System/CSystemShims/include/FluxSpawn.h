// Starting a process without copying the parent: clone(CLONE_VM | CLONE_VFORK | CLONE_PIDFD).
// C because the child shares the parent's memory until it execs, which Swift code cannot be trusted to survive,
// and because clone, close_range and cpu sets need _GNU_SOURCE.
#ifndef FLUX_SPAWN_H
#define FLUX_SPAWN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// One soft limit to set in the child; the hard limit stays.
struct flux_spawn_limit {
    int resource;
    uint64_t soft;
};

struct flux_spawn {
    const char *const *candidates;     // paths to try in this order, NULL terminated
    char *const *arguments;            // NULL terminated
    char *const *environment;          // NULL terminated
    const char **interpreter;          // room for argument count + 3 pointers, for a script without "#!"; NULL: ENOEXEC
    const char *directory;             // NULL: the parent's
    const char *fallback_directory;    // tried when `directory` cannot be entered; NULL: that is an error
    int stdio[3];                      // descriptors to become 0, 1, 2; -1: leave the parent's, -2: close
    const int *inherited;              // further descriptors that stay open under their own number
    size_t inherited_count;
    int new_session;                   // a session of its own; descriptor 0 becomes its terminal when it is one
    int new_group;                     // a process group of its own
    int traced;                        // stop in exec, for a tool that attaches
    const struct flux_spawn_limit *limits;
    size_t limit_count;
    const unsigned char *cpus;         // bit mask, NULL: the parent's
    size_t cpu_bytes;
    int parent_death_signal;           // signal sent to the child when the parent dies; 0: none
};

struct flux_spawn_result {
    pid_t pid;
    int pidfd;
    int directory_error;               // errno of the first chdir when the fallback was taken, else 0
    const char *failed;                // name of the step that failed
};

// 0, or an errno with `failed` set; then no child is left.
int flux_spawn(const struct flux_spawn *request, struct flux_spawn_result *result);

// Takes the status of an ended child: 1 taken, 0 still running, -1 no such child.
int flux_reap(pid_t pid, int *status, double *user_seconds, double *system_seconds, long *max_rss_kib);

// Waits for a child that was started `traced` to stop in exec, then detaches and leaves it stopped. 0 or an errno.
int flux_spawn_leave_stopped(pid_t pid);

// The processors this process may run on, as a bit mask; gives the bytes used, or -1.
long flux_get_affinity(unsigned char *mask, size_t bytes);
int flux_set_affinity(const unsigned char *mask, size_t bytes);

// Opens a pseudo terminal; 0 or an errno. Both ends are close-on-exec.
int flux_open_terminal(int *leader, int *follower);
int flux_set_window_size(int fd, unsigned short rows, unsigned short columns);
int flux_get_window_size(int fd, unsigned short *rows, unsigned short *columns);

// A pipe whose ends are close-on-exec; 0 or an errno. C because pipe2 needs _GNU_SOURCE.
int flux_pipe(int *read_end, int *write_end);

// Marks every descriptor from `first` up close-on-exec.
void flux_close_on_exec_from(unsigned first);

// Sets the soft limit of this process; 0 or an errno. UINT64_MAX means no limit.
int flux_set_soft_limit(int resource, uint64_t soft);
int flux_get_limit(int resource, uint64_t *soft, uint64_t *hard);

// Wait status macros.
int flux_status_exited(int status);
int flux_status_code(int status);
int flux_status_signaled(int status);
int flux_status_signal(int status);

#endif
