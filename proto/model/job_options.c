#include "model/job_options.h"

#include <string.h>

enum { HOSTS_MAX = 100000, DEADLINE_MAX_S = 7 * 24 * 3600, USER_MAX = 32 };

#define SAFE_EXPECTED                                                                                        \
        "1by1, 1/3, 25%% or 50%%, a number of instances (3), a share of them (10%%), or none for all at "    \
        "once"

/* ---- single words ---- */

/* "": not used. */
static bool is_absent(const char *word) {
        return text_empty(word) || strcmp(word, "None") == 0;
}

static bool read_quantity(const char *word, Quantity *ret) {
        size_t length = strlen(word);
        CLEANUP(text_clear) Text digits = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;
        uint64_t number = 0;

        ret->percent = length > 0 && word[length - 1] == '%';
        text_append_bytes(&digits, word, ret->percent ? length - 1 : length);
        if (!text_parse_uint(digits.data, 0, ret->percent ? 100 : HOSTS_MAX, &number, &ignored))
                return false;
        ret->number = number;
        return true;
}

size_t quantity_of(Quantity quantity, size_t all) {
        return quantity.percent ? (all * quantity.number + 99) / 100 : quantity.number;
}

static const struct {
        const char *word;
        SafeStrategy strategy;
} contract[] = {
        { "1by1", { SAFE_ONE, 1 } },
        { "1/3", { SAFE_PARTS, 3 } },
        { "25%", { SAFE_PARTS, 4 } },
        { "50%", { SAFE_PARTS, 2 } },
};

bool safe_strategy_read(const char *word, SafeStrategy *ret, Error **err) {
        Quantity quantity = { 0 };

        *ret = (SafeStrategy){ SAFE_NONE, 0 };
        if (is_absent(word))
                return true;
        for (size_t i = 0; i < sizeof(contract) / sizeof(contract[0]); i++)
                if (strcmp(contract[i].word, word) == 0) {
                        *ret = contract[i].strategy;
                        return true;
                }
        if (!read_quantity(word, &quantity) || quantity.number == 0 ||
            (quantity.percent && quantity.number == 100))
                return error_set(
                        err, ERROR_INVALID, "safe deployment strategy '%.40s' is unknown: " SAFE_EXPECTED,
                        word);
        *ret = (SafeStrategy){ quantity.percent ? SAFE_PERCENT : SAFE_COUNT, quantity.number };
        return true;
}

typedef bool (*Read)(const char *word, JobOptions *ret, Error **err);

static bool read_id(const char *word, JobOptions *ret, Error **err) {
        (void) err;
        ret->deploy_id = word;
        return true;
}

static bool read_script(const char *word, JobOptions *ret, Error **err) {
        (void) err;
        ret->script = word;
        return true;
}

static bool read_module(const char *word, JobOptions *ret, Error **err) {
        (void) err;
        ret->module = word;
        return true;
}

static bool read_execution(const char *word, JobOptions *ret, Error **err) {
        if (is_absent(word) || strcmp(word, "serial") == 0)
                ret->execution = EXECUTION_SERIAL;
        else if (strcmp(word, "parallel") == 0)
                ret->execution = EXECUTION_PARALLEL;
        else
                return error_set(
                        err, ERROR_INVALID, "execution strategy '%.40s' is unknown: serial or parallel",
                        word);
        return true;
}

static bool read_script_execution(const char *word, JobOptions *ret, Error **err) {
        CLEANUP(error_free) Error *other = NULL;

        if (strcmp(word, "single") == 0) {
                ret->execution = EXECUTION_SINGLE;
                return true;
        }
        return read_execution(word, ret, &other) ||
               error_set(
                       err, ERROR_INVALID,
                       "execution strategy '%.40s' is unknown: single, serial or parallel", word);
}

static bool read_safe(const char *word, JobOptions *ret, Error **err) {
        ret->safe_word = is_absent(word) ? "" : word;
        return safe_strategy_read(word, &ret->safe, err);
}

static bool read_address_or_safe(const char *word, JobOptions *ret, Error **err) {
        if (ret->execution != EXECUTION_SINGLE)
                return read_safe(word, ret, err);
        ret->address = word;
        return true;
}

/* ---- named ones ---- */

static bool read_min_healthy(const char *word, JobOptions *ret, Error **err) {
        return read_quantity(word, &ret->min_healthy) ||
               error_set(
                       err, ERROR_INVALID,
                       "min_healthy '%.40s': a number of instances (2) or a share of them (50%%) is expected",
                       word);
}

static bool read_number(
        const char *name, const char *word, uint64_t min, uint64_t max, uint64_t *ret, Error **err) {
        CLEANUP(error_free) Error *why = NULL;

        return text_parse_uint(word, min, max, ret, &why) ||
               error_set(err, ERROR_INVALID, "%s '%.40s': %s", name, word, error_message(why));
}

static bool read_max_failures(const char *word, JobOptions *ret, Error **err) {
        uint64_t number = 0;

        if (!read_number("max_failures", word, 0, HOSTS_MAX, &number, err))
                return false;
        ret->max_failures = number;
        return true;
}

static bool read_rollback(const char *word, JobOptions *ret, Error **err) {
        ret->rollback_all = strcmp(word, "all") == 0;
        return ret->rollback_all || strcmp(word, "batch") == 0 ||
               error_set(
                       err, ERROR_INVALID,
                       "rollback '%.40s' is unknown: all (the batches already done too) or batch (the one "
                       "that failed)",
                       word);
}

static const char *const approve_words[] = {
        [APPROVE_NEVER] = "", [APPROVE_START] = "start", [APPROVE_FIRST] = "first", [APPROVE_EACH] = "each"
};

const char *approve_word(ApproveWhen when) {
        return approve_words[when];
}

static bool read_approve(const char *word, JobOptions *ret, Error **err) {
        for (int when = APPROVE_START; when <= APPROVE_EACH; when++)
                if (strcmp(approve_words[when], word) == 0) {
                        ret->approve = (ApproveWhen) when;
                        return true;
                }
        return error_set(
                err, ERROR_INVALID,
                "approve '%.40s' is unknown: start (before anything is begun), first (after the first batch) "
                "or each (after each batch)",
                word);
}

static bool read_deadline(const char *word, JobOptions *ret, Error **err) {
        uint64_t seconds = 0;

        if (!read_number("deadline", word, 1, DEADLINE_MAX_S, &seconds, err))
                return false;
        ret->deadline_s = (int64_t) seconds;
        return true;
}

static bool read_user(const char *word, JobOptions *ret, Error **err) {
        static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
        size_t length = strlen(word);

        ret->user = word;
        return (length > 0 && length <= USER_MAX && word[0] != '-' && strspn(word, allowed) == length) ||
               error_set(err, ERROR_INVALID, "user '%.40s': the name of a user is expected", word);
}

enum { ON_DEPLOY = 1 << 0, ON_REDEPLOY = 1 << 1, ON_SCRIPT = 1 << 2, ON_RECREATE = 1 << 3 };

static const struct {
        const char *name;
        unsigned commands;
        Read read;
} named[] = {
        { "min_healthy", ON_DEPLOY | ON_REDEPLOY | ON_SCRIPT, read_min_healthy },
        { "max_failures", ON_DEPLOY | ON_REDEPLOY | ON_SCRIPT, read_max_failures },
        { "rollback", ON_DEPLOY | ON_REDEPLOY, read_rollback },
        { "approve", ON_DEPLOY | ON_REDEPLOY | ON_SCRIPT, read_approve },
        { "deadline", ON_SCRIPT, read_deadline },
        { "user", ON_SCRIPT, read_user },
};
enum { NAMED = sizeof(named) / sizeof(named[0]), PLACES_MAX = 4 };

/* ---- a command's ---- */

typedef struct Place {
        Read read;
        bool free; /* any text: an '=' in it means nothing */
} Place;

typedef struct Table {
        const char *command;
        unsigned bit;
        Place places[PLACES_MAX];
} Table;

static const Table tables[] = {
        { "deploy", ON_DEPLOY, { { read_execution }, { read_safe } } },
        { "redeploy", ON_REDEPLOY, { { read_id, true }, { read_execution }, { read_safe } } },
        { "executescript",
          ON_SCRIPT,
          { { read_script, true },
            { read_module, true },
            { read_script_execution },
            { read_address_or_safe } } },
        { "recreateinstances", ON_RECREATE, { { read_safe } } },
};

static const Table *find_table(const char *command) {
        for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
                if (strcmp(tables[i].command, command) == 0)
                        return &tables[i];
        return NULL;
}

static bool refuse_name(const char *word, unsigned command, Error **err) {
        CLEANUP(text_clear) Text known = { 0 };

        for (size_t i = 0; i < NAMED; i++)
                if (named[i].commands & command)
                        text_appendf(&known, "%s%s", known.length > 0 ? ", " : "", named[i].name);
        return error_set(
                err, ERROR_INVALID, "option '%.60s' is not known here: %s%s", word,
                known.length > 0 ? "those with a name are " : "there are none with a name",
                known.data ? known.data : "");
}

/* seen: a bit for each row of named. */
static bool read_named(const char *word, unsigned command, unsigned *seen, JobOptions *ret, Error **err) {
        const char *value = strchr(word, '=');
        size_t length = value ? (size_t) (value - word) : 0;

        for (size_t i = 0; value && i < NAMED; i++) {
                if (!(named[i].commands & command) || strlen(named[i].name) != length ||
                    strncmp(named[i].name, word, length) != 0)
                        continue;
                if (*seen & (1U << i))
                        return error_set(
                                err, ERROR_INVALID, "option %s is given more than once", named[i].name);
                *seen |= 1U << i;
                return named[i].read(value + 1, ret, err);
        }
        return refuse_name(word, command, err);
}

typedef struct Reading {
        unsigned command, seen; /* a bit each */
        bool with_names;        /* from here on all have one */
} Reading;

static bool read_one(Reading *reading, const Place *place, const char *word, JobOptions *ret, Error **err) {
        reading->with_names = reading->with_names || (!place->free && strchr(word, '='));
        if (!reading->with_names && place->read)
                return place->read(word, ret, err);
        return (!reading->with_names && is_absent(word)) ||
               read_named(word, reading->command, &reading->seen, ret, err);
}

static const Place no_place = { 0 };

bool job_options_read(const char *command, const Document *options, JobOptions *ret, Error **err) {
        const Table *table = find_table(command);
        Reading reading = { .command = table ? table->bit : 0 };

        *ret = (JobOptions){
                .deploy_id = "", .script = "", .module = "", .address = "", .safe_word = "", .user = ""
        };
        for (size_t i = 0; table && i < document_count(options); i++) {
                const char *word = document_value(document_at(options, i));

                if (!read_one(
                            &reading, i < PLACES_MAX ? &table->places[i] : &no_place, word ? word : "", ret,
                            err))
                        return false;
        }
        return true;
}

bool job_options_knows(const char *command, const char *name) {
        const Table *table = find_table(command);

        for (size_t i = 0; table && i < NAMED; i++)
                if ((named[i].commands & table->bit) && strcmp(named[i].name, name) == 0)
                        return true;
        return false;
}
