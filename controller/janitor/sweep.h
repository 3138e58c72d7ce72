/* One look at one place for what outlived its time: instances, images, snapshots, volumes and network
 * interfaces that a bake made and nobody claimed. Their tags alone say so (ghost:purpose=bake, ghost:deadline
 * in the past): no record of a job is asked, for it may be lost.
 *
 * Nothing is waited for. What cannot go yet (a snapshot whose image is being deregistered) goes in the next
 * sweep. */
#pragma once

#include "aws/aws.h"

typedef struct Sweep {
        AwsSession *session;
        int64_t now_s;

        size_t removed;
        size_t left;   /* past their deadline and still there */
        char *trouble; /* the first reason why; NULL: none */
} Sweep;
void sweep_clear(Sweep *sweep);
static inline void sweep_clearp(Sweep *sweep) {
        sweep_clear(sweep);
}

/* Every kind is tried, whatever becomes of the others. */
void sweep_run(Sweep *sweep);
