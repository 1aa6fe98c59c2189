// commands_scripting.c -- FUNCTION, SCRIPT: there are no scripts here, and
// these commands say so.
//
// Redis' tools and test suites ask for a clean slate before they begin, and
// look for what is loaded. What they are told is what a Redis tells them that
// never loaded a script. What would need one (EVAL, FUNCTION LOAD) is unknown.
// SPDX-License-Identifier: MIT
#include "common/server/commands.h"
#include "common/server/session.h"

static bool is_flush_mode(struct slice word)
{
    return slice_is(word, "async") || slice_is(word, "sync");
}

static void function_flush_serve(struct session *session,
                                 struct request *request)
{
    (void)session;
    if (request->argc > 3)
        commands_refuse_subcommand(request, "FUNCTION");
    else if (request->argc == 3 && !is_flush_mode(request->argv[2]))
        reply_error(&request->reply,
                    "ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
    else
        reply_ok(&request->reply);
}

// FUNCTION LIST [LIBRARYNAME pattern] [WITHCODE]: each option once.
static void function_list_serve(struct session *session,
                                struct request *request)
{
    (void)session;
    bool has_pattern = false, with_code = false;
    for (uint32_t i = 2; i < request->argc; i++) {
        struct slice word = request->argv[i];
        if (!with_code && slice_is(word, "withcode")) {
            with_code = true;
        } else if (!has_pattern && slice_is(word, "libraryname")) {
            has_pattern = true;
            if (++i == request->argc) {
                reply_error(&request->reply,
                            "ERR library name argument was not given");
                return;
            }
        } else {
            reply_error(&request->reply, "ERR Unknown argument %.*s",
                        SLICE_PRINT(commands_quote(word)));
            return;
        }
    }
    reply_array(&request->reply, 0);
}

static void function_stats_serve(struct session *session,
                                 struct request *request)
{
    (void)session;
    reply_map(&request->reply, 2);
    reply_bulk_text(&request->reply, "running_script");
    reply_null(&request->reply);
    reply_bulk_text(&request->reply, "engines");
    reply_map(&request->reply, 0);
}

static void function_delete_serve(struct session *session,
                                  struct request *request)
{
    (void)session;
    reply_error(&request->reply, "ERR Library not found");
}

static void kill_serve(struct session *session, struct request *request)
{
    (void)session;
    reply_error(&request->reply, "NOTBUSY No scripts in execution right now.");
}

static void script_flush_serve(struct session *session, struct request *request)
{
    (void)session;
    if (request->argc > 3 ||
        (request->argc == 3 && !is_flush_mode(request->argv[2])))
        reply_error(&request->reply,
                    "ERR SCRIPT FLUSH only support SYNC|ASYNC option");
    else
        reply_ok(&request->reply);
}

static void script_exists_serve(struct session *session,
                                struct request *request)
{
    (void)session;
    reply_array(&request->reply, request->argc - 2);
    for (uint32_t i = 2; i < request->argc; i++)
        reply_integer(&request->reply, 0);
}

enum {
    ANY_TIME = COMMAND_LOADING | COMMAND_STALE,
    CLIENT = COMMAND_NOSCRIPT,
    ANY_MOMENT = COMMAND_NOSCRIPT | COMMAND_ALLOW_BUSY,
};

// Name, arity, flags; keys; summary, arguments; group, since.
static const struct command function_rows[] = {
    {"flush", -2, CLIENT, 0, 0, 0, //
     "Deletes all libraries of functions: there are none", "[ASYNC | SYNC]",
     "scripting", "7.0.0", .serve = function_flush_serve,
     .tips = "request_policy:all_shards response_policy:all_succeeded"},
    {"list", -2, CLIENT, 0, 0, 0, //
     "Returns the libraries of functions: none",
     "[LIBRARYNAME library-name-pattern] [WITHCODE]", "scripting", "7.0.0",
     .serve = function_list_serve, .tips = "nondeterministic_output_order"},
    {"stats", 2, ANY_MOMENT, 0, 0, 0, //
     "Returns which function runs, and the engines: none", "", "scripting",
     "7.0.0", .serve = function_stats_serve,
     .tips = "nondeterministic_output request_policy:all_shards "
             "response_policy:special"},
    {"delete", 3, CLIENT, 0, 0, 0, //
     "Deletes a library of functions, if there is one", "library-name",
     "scripting", "7.0.0", .serve = function_delete_serve,
     .tips = "request_policy:all_shards response_policy:all_succeeded"},
    {"kill", 2, ANY_MOMENT, 0, 0, 0, //
     "Ends the function that runs, if one does", "", "scripting", "7.0.0",
     .serve = kill_serve,
     .tips = "request_policy:all_shards response_policy:one_succeeded"},
    {"help", 2, ANY_TIME, 0, 0, 0, //
     "Lists the subcommands", "", "scripting", "7.0.0", .serve = command_help},
    {0},
};

static const struct command script_rows[] = {
    {"flush", -2, CLIENT, 0, 0, 0, //
     "Deletes all scripts: there are none", "[ASYNC | SYNC]", "scripting",
     "2.6.0", .serve = script_flush_serve,
     .tips = "request_policy:all_nodes response_policy:all_succeeded"},
    {"exists", -3, CLIENT, 0, 0, 0, //
     "Tells of each script whether it is loaded: none is", "sha1 [sha1 ...]",
     "scripting", "2.6.0", .serve = script_exists_serve,
     .tips = "request_policy:all_shards response_policy:agg_logical_and"},
    {"kill", 2, ANY_MOMENT, 0, 0, 0, //
     "Ends the script that runs, if one does", "", "scripting", "2.6.0",
     .serve = kill_serve,
     .tips = "request_policy:all_shards response_policy:one_succeeded"},
    {"help", 2, ANY_TIME, 0, 0, 0, //
     "Lists the subcommands", "", "scripting", "5.0.0", .serve = command_help},
    {0},
};

const struct command commands_scripting[] = {
    {"function", -2, 0, 0, 0, 0, //
     "Commands about libraries of functions", "", "scripting", "7.0.0",
     .subcommands = function_rows},
    {"script", -2, 0, 0, 0, 0, //
     "Commands about scripts", "", "scripting", "2.6.0",
     .subcommands = script_rows},
    {0},
};
