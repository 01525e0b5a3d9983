#include "CSystemShims.h"

#include <stddef.h>

// The Swift runtime calls this hook, when it is set, with every job that no executor claims.
typedef __attribute__((swiftcall)) void (*enqueue_original)(void *job);
extern __attribute__((swiftcall)) void (*swift_task_enqueueGlobal_hook)(void *job, enqueue_original original);

static void (*take_job)(void *reactor, void *job);

static __attribute__((swiftcall)) void keep_on_reactor(void *job, enqueue_original original)
{
    void *reactor = flux_current_reactor();

    if (reactor != NULL)
        take_job(reactor, job);
    else
        original(job);
}

void flux_keep_global_jobs(void (*take)(void *reactor, void *job))
{
    take_job = take;
    swift_task_enqueueGlobal_hook = keep_on_reactor;
}
