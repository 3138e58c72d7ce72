#include "aws/throttle.h"

#include <math.h>

static const double FLOOR = 0.5, KEEP = 0.7, GROWTH = 0.4, SMOOTHING = 0.8;
enum { WINDOW_MS = 500 };

static void measure(Throttle *throttle, int64_t now_ms) {
        int64_t passed_ms = now_ms - throttle->window_ms;

        throttle->window_calls++;
        if (throttle->window_ms == 0)
                throttle->window_ms = now_ms;
        else if (passed_ms >= WINDOW_MS) {
                double current = throttle->window_calls * 1000.0 / (double) passed_ms;

                throttle->measured = SMOOTHING * current + (1 - SMOOTHING) * throttle->measured;
                throttle->window_calls = 0;
                throttle->window_ms = now_ms;
        }
}

static void refill(Throttle *throttle, int64_t now_ms) {
        throttle->tokens += (double) (now_ms - throttle->refilled_ms) / 1000 * throttle->rate;
        throttle->tokens = fmin(throttle->tokens, fmax(throttle->rate, 1));
        throttle->refilled_ms = now_ms;
}

int64_t throttle_book(Throttle *throttle, int64_t now_ms) {
        measure(throttle, now_ms);
        if (!throttle->limited)
                return 0;
        refill(throttle, now_ms);
        throttle->tokens -= 1;
        return throttle->tokens >= 0 ? 0 : (int64_t) ceil(-throttle->tokens / throttle->rate * 1000);
}

void throttle_learn(Throttle *throttle, bool throttled, int64_t now_ms) {
        if (!throttled && !throttle->limited)
                return;
        if (throttle->limited)
                refill(throttle, now_ms);
        if (throttled) {
                double sent = throttle->measured > 0 ? throttle->measured : 1;
                double base = throttle->limited ? fmin(sent, throttle->rate) : sent;

                throttle->ceiling = base;
                throttle->rate = fmax(base * KEEP, FLOOR);
                throttle->cut_ms = now_ms;
                if (!throttle->limited) {
                        throttle->limited = true;
                        throttle->refilled_ms = now_ms;
                }
                throttle->tokens = fmin(throttle->tokens, throttle->rate);
                return;
        }
        double knee = cbrt(throttle->ceiling * (1 - KEEP) / GROWTH);
        double since = (double) (now_ms - throttle->cut_ms) / 1000 - knee;
        double grown = GROWTH * since * since * since + throttle->ceiling;
        throttle->rate = fmax(fmin(grown, fmax(2 * throttle->measured, 1)), FLOOR);
}
