/* Work shared out over threads. Knows nothing of what is computed.
 *
 * Shapes: see training.c.
 */
#pragma once
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "training_sizes.h"

typedef void (*Work)(const Job *, int64_t item, int64_t items);

typedef struct {
    Work work;
    const Job *job;
    int64_t items;
    atomic_llong next;
} Team;

static void team_member(void *argument) {
    Team *team = argument;
    for (int64_t item; (item = atomic_fetch_add(&team->next, 1)) < team->items;) team->work(team->job, item, team->items);
}

static void *team_thread(void *argument) {
    team_member(argument);
    return NULL;
}

/* All items, shared out over the job's threads; those of torch's own OpenMP pool where it can be reached, so
 * that two pools never fight for the cores. */
static void share(const Job *job, int64_t items, Work work) {
    typedef void (*Parallel)(void (*)(void *), void *, unsigned, unsigned);
    static Parallel parallel;
    static atomic_int looked;
    Team team = {work, job, items, 0};
    int64_t threads = smaller(smaller(job->threads, items), MOST_THREADS);
    if (threads <= 1) {
        team_member(&team);
        return;
    }
    if (!atomic_load(&looked)) {
        *(void **)&parallel = dlsym(RTLD_DEFAULT, "GOMP_parallel");
        atomic_store(&looked, 1);
    }
    if (parallel) {
        parallel(team_member, &team, (unsigned)threads, 0);
        return;
    }
    pthread_t others[MOST_THREADS];
    int64_t started = 0;
    while (started < threads - 1 && pthread_create(&others[started], NULL, team_thread, &team) == 0) started++;
    team_member(&team);
    while (started > 0) pthread_join(others[--started], NULL);
}
