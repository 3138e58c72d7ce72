/* Approvals: a running job asks a person, and goes on once somebody has said yes. What it asks is in its
 * document as "approval" {point, question, asked_at}; the answer is one of its steps. */
#pragma once

#include "store/store.h"

/* Asked once: the same point again changes nothing, and is no news. point: which question of the job it is,
 * unique in the job. */
bool job_approval_ask(Store *store, const char *job_id, const char *point, const char *question, Error **err);
/* Nobody is asked any more. */
bool job_approval_withdraw(Store *store, const char *job_id, Error **err);
/* *ret: who said yes; NULL: nobody yet. Caller frees. */
bool job_approval_given(Store *store, const char *job_id, const char *point, char **ret, Error **err);
/* point "": whatever the job asks now. INVALID: it asks nothing, or something else. NOT_FOUND. */
bool job_approval_give(Store *store, const char *job_id, const char *point, const char *by, Error **err);
