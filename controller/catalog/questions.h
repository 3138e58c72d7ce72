/* Questions whose answers are slow to come, asked of others' machines. Whoever asks does not wait: workers
 * ask, whoever asks the same meanwhile shares the answer, and an answer is kept for a while. Bounded in
 * workers, in questions kept and in time. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct Questions Questions;

typedef enum CatalogState {
        CATALOG_READY,
        CATALOG_FAILED,
        CATALOG_ASKING, /* ask again when the topic is woken */
        CATALOG_BUSY,   /* too much is being asked already */
} CatalogState;

typedef struct CatalogAnswer {
        char *json;             /* READY */
        ErrorKind kind;         /* FAILED … */
        const char *class_word; /* … as AWS's errors are sorted: "permission", "caller" …; NULL: not AWS */
        bool answered;          /* … by AWS: the words are its own */
        char *message;
        char *topic; /* ASKING */
} CatalogAnswer;
void catalog_answer_clear(CatalogAnswer *answer);
static inline void catalog_answer_clearp(CatalogAnswer *answer) {
        catalog_answer_clear(answer);
}

typedef struct QuestionsSpec {
        const char *name; /* of topics and threads */
        size_t texts;     /* that make one question: at least one */
        unsigned workers;
        size_t kept;     /* questions at most */
        int64_t keep_ms; /* an answer; a failure: a twentieth of it */
        /* In a worker. json, or what failed; the topic is not its business. */
        CatalogAnswer (*ask)(void *context, const char *const *texts);
        void (*wake)(void *wake_context, const char *topic); /* an answer is there; must not call back */
        void *context, *wake_context;
} QuestionsSpec;

/* Whoever asks should ask questions_stopping() meanwhile, whose context is what *ret becomes at once. */
bool questions_start(const QuestionsSpec *spec, Questions **ret, Error **err);
bool questions_stopping(void *questions);
/* Workers end; looking goes on to be safe, and finds it busy. */
void questions_stop(Questions *questions);
void questions_free(Questions *questions); /* stops too */
CLEANUP_DEFINE(Questions, questions_free);

/* Never waits. The first to look makes a worker ask. Texts that are NULL are taken as "". */
CatalogState questions_look(Questions *questions, const char *const *texts, CatalogAnswer *ret);
