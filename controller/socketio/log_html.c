#include "socketio/log_html.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

enum { COLOUR_FIRST = 31, COLOUR_LAST = 36, BOLD = 1, ESCAPE = 0x1b };

static const struct {
        const char *plain, *bold;
} colours[COLOUR_LAST - COLOUR_FIRST + 1] = {
        { "255, 0, 0", "128, 0, 0" },   { "0, 255, 0", "0, 128, 0" },     { "255, 255, 0", "128, 128, 0" },
        { "0, 175, 255", "0, 0, 128" }, { "255, 0, 255", "128, 0, 128" }, { "0, 255, 255", "0, 128, 128" },
};

typedef struct Line {
        const char *bytes;
        size_t length;
        bool coloured; /* a span is open */
        bool ended;    /* by a newline, which is part of it */
} Line;

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

/* How many digits it has; none is 0. */
static size_t read_number(const char *bytes, size_t length, int *ret) {
        size_t at = 0;

        for (*ret = 0; at < length && is_digit(bytes[at]) && *ret < 1000; at++)
                *ret = *ret * 10 + (bytes[at] - '0');
        return at;
}

/* "[1;31m" behind the escape; its length, or 0. The numbers that count are found on the way. */
static size_t sequence_length(const char *bytes, size_t length, int *ret_colour, bool *ret_bold) {
        size_t at = 1;
        int number;

        if (length == 0 || bytes[0] != '[')
                return 0;
        for (;; at++) {
                at += read_number(bytes + at, length - at, &number);
                if (at == length || (bytes[at] != ';' && bytes[at] != 'm'))
                        return 0;
                if (number >= COLOUR_FIRST && number <= COLOUR_LAST)
                        *ret_colour = number;
                *ret_bold = *ret_bold || number == BOLD;
                if (bytes[at] == 'm')
                        return at + 1;
        }
}

static void end_colour(Text *html, Line *line) {
        if (line->coloured)
                text_append(html, "</span>");
        line->coloured = false;
}

/* How much of the line an escape sequence takes here; 0: none. It may be written as "^[" too. */
static size_t append_sequence(Text *html, Line *line, size_t at) {
        size_t mark = line->bytes[at] == ESCAPE                                                       ? 1
                      : at + 1 < line->length && line->bytes[at] == '^' && line->bytes[at + 1] == '[' ? 2
                                                                                                      : 0;
        int colour = 0;
        bool bold = false;
        size_t taken =
                mark > 0 ? sequence_length(line->bytes + at + mark, line->length - at - mark, &colour, &bold)
                         : 0;

        if (taken == 0)
                return 0;
        end_colour(html, line);
        if (colour) {
                const char *rgb =
                        bold ? colours[colour - COLOUR_FIRST].bold : colours[colour - COLOUR_FIRST].plain;

                text_appendf(
                        html, "<span style=\"color: rgb(%s)%s\">", rgb, bold ? "; font-weight: bolder" : "");
                line->coloured = true;
        }
        return mark + taken;
}

static size_t append_special(Text *html, Line *line, size_t at) {
        static const struct {
                const char *from, *to;
        } words[] = {
                { "&", "&amp;" },  { "<", "&lt;" }, { ">", "&gt;" }, { "%!(PACKER_COMMA)", "&#44;" },
                { "\r", "<br/>" },
        };

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
                size_t length = strlen(words[i].from);

                if (length <= line->length - at && memcmp(line->bytes + at, words[i].from, length) == 0) {
                        text_append(html, words[i].to);
                        return length;
                }
        }
        return append_sequence(html, line, at);
}

static void append_content(Text *html, Line *line) {
        for (size_t at = 0; at < line->length;) {
                size_t taken = append_special(html, line, at);

                if (taken == 0)
                        text_append_bytes(html, &line->bytes[at], taken = 1);
                at += taken;
        }
        end_colour(html, line);
        if (line->ended)
                text_append(html, "<br/>");
}

/* Digits with a mark between: "2026/11/23", "10:00:00". Its length, or 0. */
static size_t three_numbers(const char *bytes, size_t length, char mark) {
        size_t at = 0;

        for (int i = 0; i < 3; i++) {
                size_t begin = at;

                while (at < length && is_digit(bytes[at]))
                        at++;
                if (at == begin)
                        return 0;
                if (i < 2 && (at == length || bytes[at++] != mark))
                        return 0;
        }
        return at;
}

/* "2026/11/23 10:00:00 GMT: Deploying" */
static bool begins_panel(const Line *line) {
        size_t date = three_numbers(line->bytes, line->length, '/');

        if (date == 0 || date == line->length || line->bytes[date] != ' ')
                return false;
        const char *rest = line->bytes + date + 1;
        size_t left = line->length - date - 1, time = three_numbers(rest, left, ':');
        if (time == 0 || time == left || rest[time] != ' ')
                return false;
        return memmem(rest + time + 1, left - time - 1, ": ", 2) != NULL;
}

static void append_line(Text *html, Line *line, bool first) {
        if (!begins_panel(line)) {
                text_append(html, "<samp>");
                append_content(html, line);
                text_append(html, "</samp>");
                return;
        }
        text_append(html, first ? "" : "</div></div>");
        text_append(
                html,
                "<div class=\"panel panel-default\"><em class=\"panel-heading\"><span class=\"timeinterval\">"
                "<i class=\"glyphicon glyphicon-time\"></i></span><span class=\"command-title\">");
        append_content(html, line);
        text_append(html, "</span></em><div class=\"panel-body\">");
}

/* At a newline, and at one that was written as backslash and n. */
static size_t line_length(const char *bytes, size_t length, size_t *ret_mark) {
        for (size_t at = 0; at < length; at++) {
                if (bytes[at] == '\n') {
                        *ret_mark = 1;
                        return at;
                }
                if (at + 1 < length && bytes[at] == '\\' && bytes[at + 1] == 'n') {
                        *ret_mark = 2;
                        return at;
                }
        }
        *ret_mark = 0;
        return length;
}

void log_html_append(Text *html, const char *lines, size_t length) {
        size_t mark;
        bool first = true;

        for (size_t at = 0; at < length;) {
                Line line = { .bytes = lines + at, .length = line_length(lines + at, length - at, &mark) };

                at += line.length + mark;
                line.ended = mark == 1;
                if (line.ended && line.length > 0 && line.bytes[line.length - 1] == '\r')
                        line.length--;
                append_line(html, &line, first);
                first = first && !line.ended;
        }
}
