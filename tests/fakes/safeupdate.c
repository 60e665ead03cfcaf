/* What Supabase loads into every session of PostgREST: no statement may change or empty a whole table. A statement is
   looked at once it is parsed, those inside functions as well. */

#include "postgres.h"

#include "fmgr.h"
#include "nodes/parsenodes.h"
#include "parser/analyze.h"

PG_MODULE_MAGIC;

static post_parse_analyze_hook_type next_hook = NULL;

static void
require_where(Query *query)
{
    ListCell *each;

    foreach(each, query->cteList)
        require_where(castNode(Query, ((CommonTableExpr *) lfirst(each))->ctequery));
    if ((query->commandType == CMD_UPDATE || query->commandType == CMD_DELETE) && query->jointree->quals == NULL)
        ereport(ERROR, (errcode(ERRCODE_CARDINALITY_VIOLATION),
                        errmsg("%s requires a WHERE clause", query->commandType == CMD_UPDATE ? "UPDATE" : "DELETE")));
}

static void
look(ParseState *state, Query *query, JumbleState *jumbled)
{
    if (next_hook)
        next_hook(state, query, jumbled);
    require_where(query);
}

PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
    next_hook = post_parse_analyze_hook;
    post_parse_analyze_hook = look;
}
