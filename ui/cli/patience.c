#include "patience.h"

#include "output.h"

enum { RETRY_FIRST_MS = 250, RETRY_LAST_MS = 5000, GIVE_UP_MS = 60000 };

Patience patience_new(void) {
        return (Patience){ .give_up = deadline_after_ms(GIVE_UP_MS), .pause_ms = RETRY_FIRST_MS };
}

static bool may_pass(const Error *why) {
        return !why || error_kind(why) == ERROR_UNAVAILABLE || error_kind(why) == ERROR_TIMEOUT;
}

bool patience_wait(Patience *patience, const Error *why, Error **err) {
        if (!may_pass(why) || deadline_passed(patience->give_up))
                return error_set(
                        err, why ? error_kind(why) : ERROR_UNAVAILABLE, "%s",
                        why ? error_message(why) : "no answer");
        output_progress("Lost the controller, trying again...");
        clock_sleep_ms(patience->pause_ms);
        patience->pause_ms = patience->pause_ms * 2 > RETRY_LAST_MS ? RETRY_LAST_MS : patience->pause_ms * 2;
        return true;
}
