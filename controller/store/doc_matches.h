/* The SQL function doc_matches(doc, field, operator, operand): a condition of field_match.h on a JSON
 * document; operator is a word of match_operator_names, operand JSON. */
#pragma once

#include <sqlite3.h>

void doc_matches_register(sqlite3 *database);
