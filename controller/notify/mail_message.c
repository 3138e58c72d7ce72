#include "notify/mail_message.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

enum { ROWS = 9 };

typedef struct Row {
        const char *label, *value;
} Row;

typedef struct Dates {
        char *created, *ended;
} Dates;

static Dates dates_of(const JobNews *news) {
        return (Dates){ .created = job_news_date(news->created_us),
                        .ended = job_status_is_final(news->status) ? job_news_date(news->at_us)
                                                                   : xstrdup("-") };
}

static void dates_clearp(Dates *dates) {
        free(dates->created);
        free(dates->ended);
}

static void fill_rows(const JobNews *news, const Dates *dates, Row rows[ROWS]) {
        const Row filled[ROWS] = {
                { "Status", job_news_status(news) }, { "Application", news->app },
                { "Environment", news->env },        { "Role", news->role },
                { "Command", news->command },        { "Job ID", news->job_id },
                { "Job message", news->message },    { "Creation date", dates->created },
                { "End date", dates->ended },
        };

        for (size_t i = 0; i < ROWS; i++)
                rows[i] = filled[i];
}

char *mail_subject(const JobNews *news) {
        return xasprintf(
                "[GHOST] App %s (%s) - %s: %s (%s)", news->app, news->env, news->command,
                job_news_status(news), news->message);
}

/* On one line, whatever it holds. */
static void append_plain(Text *text, const char *value) {
        for (; *value; value++)
                text_append_bytes(text, (unsigned char) *value < ' ' || *value == 0x7f ? " " : value, 1);
}

char *mail_text(const JobNews *news, const char *remark) {
        CLEANUP(dates_clear) Dates dates = dates_of(news);
        CLEANUP(text_clear) Text text = { 0 };
        Row rows[ROWS];

        fill_rows(news, &dates, rows);
        text_append(&text, "Cloud Deploy job triggered by ");
        append_plain(&text, news->user);
        text_append(&text, "\n\n");
        for (size_t i = 0; i < ROWS; i++) {
                text_appendf(&text, "%-15s", rows[i].label);
                append_plain(&text, rows[i].value);
                text_append(&text, "\n");
        }
        text_append(&text, "\n");
        append_plain(&text, news->url);
        text_appendf(&text, "\n%s%s%s", remark ? "\n" : "", remark ? remark : "", remark ? "\n" : "");
        return text_take(&text);
}

static void append_escaped(Text *text, const char *value) {
        for (; *value; value++)
                switch (*value) {
                case '&':
                        text_append(text, "&amp;");
                        break;
                case '<':
                        text_append(text, "&lt;");
                        break;
                case '>':
                        text_append(text, "&gt;");
                        break;
                case '"':
                        text_append(text, "&quot;");
                        break;
                case '\'':
                        text_append(text, "&#39;");
                        break;
                default:
                        text_append_bytes(
                                text, (unsigned char) *value < ' ' || *value == 0x7f ? " " : value, 1);
                        break;
                }
}

static void append_cell(Text *html, const JobNews *news, const Row *row, size_t index) {
        enum { STATUS_ROW = 0, JOB_ROW = 5 };

        if (index == JOB_ROW) {
                text_append(html, "<a href=\"");
                append_escaped(html, news->url);
                text_append(html, "\">");
                append_escaped(html, row->value);
                text_append(html, "</a>");
        } else if (index == STATUS_ROW) {
                text_appendf(html, "<strong style=\"color: %s\">", job_news_color(news));
                append_escaped(html, row->value);
                text_append(html, "</strong>");
        } else {
                append_escaped(html, row->value);
        }
}

char *mail_html(const JobNews *news, const char *remark) {
        CLEANUP(dates_clear) Dates dates = dates_of(news);
        CLEANUP(text_clear) Text html = { 0 };
        Row rows[ROWS];

        fill_rows(news, &dates, rows);
        text_append(
                &html,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Cloud Deploy"
                "</title></head>\n<body style=\"font-family: sans-serif; color: #415560\">\n"
                "<h2>Cloud Deploy job triggered by ");
        append_escaped(&html, news->user);
        text_append(&html, "</h2>\n<table cellpadding=\"6\" style=\"border-collapse: collapse\">\n");
        for (size_t i = 0; i < ROWS; i++) {
                text_appendf(&html, "<tr><th align=\"left\">%s</th><td>", rows[i].label);
                append_cell(&html, news, &rows[i], i);
                text_append(&html, "</td></tr>\n");
        }
        text_append(&html, "</table>\n");
        if (remark) {
                text_append(&html, "<p>");
                append_escaped(&html, remark);
                text_append(&html, "</p>\n");
        }
        text_append(&html, "</body>\n</html>\n");
        return text_take(&html);
}
